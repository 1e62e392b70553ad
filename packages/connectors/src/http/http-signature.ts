import { createHmac } from "node:crypto";
import type { ConnectionContext } from "../contract/context.ts";
import type { Verdict, WebhookRequest } from "../contract/webhook.ts";
import { isOneOf } from "../wire/same-secret.ts";
import type { HttpDefinition } from "./http-definition.ts";

type Recipe = HttpDefinition["webhook"]["signature"];
type Hmac = Extract<Recipe, { kind: "hmac" }>;

/** Whether a request has what the recipe demands, made with a secret that holds. */
export function verifyRecipe(
  recipe: Recipe,
  request: WebhookRequest,
  context: Pick<ConnectionContext, "secrets" | "now">,
): Verdict {
  const secrets = (context.secrets[recipe.secret] ?? []).filter((secret) => secret !== "");
  if (secrets.length === 0) return refuse(`the secret ${recipe.secret} is not set`);
  const stale = recipe.kind === "hmac" ? staleness(recipe, request, context.now()) : undefined;
  if (stale !== undefined) return refuse(stale);
  const header = headerOf(recipe);
  const given = request.headers[header];
  if (given === undefined) return refuse(`there is no header ${header}`);
  const expected = secrets.map((secret) => proofOf(recipe, secret, request));
  return isOneOf(given, expected) ? { isGenuine: true } : refuse(`the header ${header} is wrong`);
}

/** The header that a recipe's proof stands in. */
export function headerOf(recipe: Recipe): string {
  return recipe.kind === "basic" ? "authorization" : recipe.header;
}

/** What the network puts into that header. */
export function proofOf(recipe: Recipe, secret: string, request: WebhookRequest): string {
  switch (recipe.kind) {
    case "token":
      return secret;
    case "basic":
      return `Basic ${Buffer.from(`${recipe.user}:${secret}`).toString("base64")}`;
    case "hmac": {
      const hmac = createHmac(recipe.algorithm, secret);
      for (const part of signedParts(recipe.signed, request)) hmac.update(part);
      return recipe.prefix + hmac.digest(recipe.encoding);
    }
  }
}

/** The body as bytes: as text, what is no UTF-8 would be signed as something else. */
function* signedParts(signed: string, request: WebhookRequest): Generator<string | Uint8Array> {
  for (const part of signed.split(/(\{\{\s*[\w.-]+\s*\}\})/)) {
    const [, name] = /^\{\{\s*([\w.-]+)\s*\}\}$/.exec(part) ?? [];
    if (name === undefined) yield part;
    else if (name === "body") yield request.body;
    else if (name === "url") yield request.url;
    else yield request.headers[name.slice("header.".length)] ?? "";
  }
}

function staleness({ timestamp }: Hmac, request: WebhookRequest, now: number): string | undefined {
  if (timestamp === undefined) return undefined;
  const { header, unit, maxAgeMs } = timestamp;
  const at = Number(request.headers[header] || Number.NaN) * (unit === "s" ? 1000 : 1);
  return Math.abs(now - at) <= maxAgeMs
    ? undefined
    : `the time in header ${header} is missing, or more than ${maxAgeMs} ms away`;
}

function refuse(reason: string): Verdict {
  return { isGenuine: false, reason };
}
