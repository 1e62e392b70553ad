import type { ConnectionContext } from "../contract/context.ts";
import type { Rejected, SendJob, SendResult } from "../contract/send.ts";
import { type Answered, callNetwork } from "../wire/network-call.ts";
import { retryAfterMs } from "../wire/retry-after.ts";
import { type HttpDefinition, wholeOf } from "./http-definition.ts";
import { readPointer } from "./json-pointer.ts";
import { fill, fillTree, type Values } from "./template.ts";

type Settings = Readonly<Record<string, string>>;
type Context = ConnectionContext<Settings>;

/** Hands a message to the network, as its definition says. */
export async function sendDefined(
  definition: HttpDefinition,
  job: SendJob,
  context: Context,
): Promise<SendResult> {
  const { address, displayName, send } = definition;
  const to = job.to.slice(job.to.indexOf(":") + 1);
  if (!job.to.startsWith(`${address.kind}:`) || !wholeOf(address.pattern).test(to)) {
    return reject("invalid_recipient", `this is no ${address.kind} of ${displayName}; correct it`);
  }
  const request = requestOf(send, valuesOf(job, to, context));
  if (request === undefined) {
    return reject(
      "unsupported",
      `what ${displayName} wants in a header or its URL can't stand there`,
    );
  }
  const result = await callNetwork({ ...request, signal: job.signal });
  switch (result.kind) {
    case "never_left":
      return reject("network", `${displayName} was not reached (${result.reason}); is it up?`);
    case "unclear":
      return { outcome: "unknown", reason: `${displayName}: ${result.reason}; look there` };
    case "answered":
      return withoutSecrets(outcomeOf(definition, result), context);
  }
}

function valuesOf(job: SendJob, to: string, { settings, secrets }: Context): Values {
  return (name) => {
    const [kind, key = ""] = name.split(".", 2);
    if (kind === "settings") return settings[key];
    if (kind === "secrets") return secrets[key]?.[0];
    return {
      to,
      text: job.content.text,
      deliveryId: job.deliveryId,
      replyTo: job.replyTo,
      senderName: job.senderName ?? undefined,
      title: job.title ?? undefined,
    }[name];
  };
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Undefined when something can't stand in a header or the URL. */
function requestOf(send: HttpDefinition["send"], values: Values): Request | undefined {
  const [, base = "", rest = ""] = /^(\{\{settings\.\w+\}\})([\s\S]*)$/.exec(send.url) ?? [];
  const isJson = "json" in send.body;
  const headers: Record<string, string> = {
    "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded",
  };
  for (const [name, template] of Object.entries(send.headers))
    headers[name] = fill(template, values);
  if (send.basic !== undefined) {
    const pair = `${fill(send.basic.user, values)}:${fill(send.basic.password, values)}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  if (Object.values(headers).some((value) => !/^[\x20-\x7e]*$/.test(value))) return undefined;
  const path = fill(rest, values, encodeURIComponent);
  if (leadsUpwards(path)) return undefined;
  return {
    method: send.method,
    // The base is the operator's; all else comes from people, and must not leave its place.
    url: fill(base, values).replace(/\/+$/, "") + path,
    headers,
    body:
      "json" in send.body ? JSON.stringify(fillTree(send.body.json, values)) : form(send, values),
  };
}

/** A segment of dots leads upwards, and no encoding keeps it from that. @see https://url.spec.whatwg.org/#double-dot-path-segment */
function leadsUpwards(path: string): boolean {
  return path.split(/[/?#]/).some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
}

function form(send: HttpDefinition["send"], values: Values): string {
  const fields = "form" in send.body ? fillTree(send.body.form, values) : {};
  return new URLSearchParams(fields as Record<string, string>).toString();
}

function outcomeOf({ displayName, send }: HttpDefinition, answer: Answered): SendResult {
  const { status } = answer;
  const body = jsonOf(answer.text);
  if (send.accepted.includes(status)) {
    const id = readPointer(body, send.externalId);
    if ((typeof id === "string" && id !== "") || typeof id === "number") {
      return { outcome: "accepted", externalIds: [String(id)] };
    }
    const named = matchError(send, status, body);
    return named === undefined
      ? {
          outcome: "unknown",
          reason: `${displayName} answered ${status} without an id; look there`,
        }
      : { ...reject(named.class, named.reason ?? `${displayName} refused it`), ...suppress(named) };
  }
  const code = codeOf(send, body);
  const named = matchError(send, status, body);
  const kind = named?.class ?? classOf(status);
  if (kind === undefined) {
    return { outcome: "unknown", reason: `${displayName} answered ${status}; look there` };
  }
  return {
    ...reject(
      kind,
      named?.reason ?? `${displayName} answered ${status}; ${ADVICE[kind] ?? "look there"}`,
    ),
    ...(code === undefined ? {} : { code }),
    ...suppress(named),
    ...(kind === "rate_limited" ? { retryAfterMs: retryAfterOf(send, answer) } : {}),
  };
}

type NamedError = HttpDefinition["send"]["errors"][number];

function matchError(
  { errors, accepted }: HttpDefinition["send"],
  status: number,
  body: unknown,
): NamedError | undefined {
  return errors.find((error) => {
    const isStatus = error.status === undefined ? true : error.status === status;
    if (error.at === undefined) return isStatus && !accepted.includes(status);
    const found = readPointer(body, error.at);
    return isStatus && (error.equals === undefined ? found !== undefined : found === error.equals);
  });
}

function suppress(error: NamedError | undefined): Partial<Rejected> {
  return error?.suppressAddress ? { suppressAddress: true } : {};
}

/** Undefined where a status says nothing certain: what broke inside may have broken after the message was taken. */
function classOf(status: number): Rejected["class"] | undefined {
  const known: Readonly<Record<number, Rejected["class"]>> = {
    400: "content_rejected",
    401: "auth",
    402: "payment",
    403: "auth",
    404: "invalid_recipient",
    413: "too_large",
    422: "content_rejected",
    429: "rate_limited",
    503: "network",
  };
  if (known[status] !== undefined) return known[status];
  return status >= 300 && status < 500 ? "unknown" : undefined;
}

const ADVICE: Partial<Record<Rejected["class"], string>> = {
  auth: "check the connection's secrets",
  payment: "pay there",
  invalid_recipient: "check the address",
  content_rejected: "say it otherwise",
  too_large: "make it shorter",
  rate_limited: "it is tried again later",
  network: "it is tried again later",
};

function retryAfterOf({ retryAfter }: HttpDefinition["send"], { headers }: Answered): number {
  const given = headers.get(retryAfter.header);
  if (retryAfter.unit === "s") return retryAfterMs(given) ?? 1000;
  const ms = Number(given || 1000);
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 100), 86_400_000) : 1000;
}

function codeOf({ errorCode }: HttpDefinition["send"], body: unknown): string | undefined {
  const code = errorCode === undefined ? undefined : readPointer(body, errorCode);
  if (typeof code !== "string" && typeof code !== "number") return undefined;
  return String(code).slice(0, 64) || undefined;
}

/** A network may say back what it was told, and a code of its making is shown to people. */
function withoutSecrets(result: SendResult, { secrets }: Context): SendResult {
  if (result.outcome !== "rejected" || result.code === undefined) return result;
  const { code, ...rest } = result;
  const values = Object.values(secrets).flat();
  return values.some((value) => value !== "" && (code.includes(value) || value.includes(code)))
    ? rest
    : result;
}

function reject(kind: Rejected["class"], reason: string): Rejected {
  return { outcome: "rejected", class: kind, reason };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
