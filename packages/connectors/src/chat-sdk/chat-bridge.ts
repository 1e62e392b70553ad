import { createHash } from "node:crypto";
import { AnywireError } from "@anywire/types";
import type { ChangeJob, FetchedMedia } from "../contract/abilities.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { InboundEvent, MediaReference } from "../contract/inbound-event.ts";
import type { SendContent, SendJob, SendResult } from "../contract/send.ts";
import type { Verdict, WebhookRequest } from "../contract/webhook.ts";
import { tooLate } from "../wire/never-left.ts";
import { readMedia } from "../wire/read-media.ts";
import type { ChatAdapter, ChatAttachment, ChatPost, ChatText } from "./chat-adapter.ts";
import { nameOf } from "./chat-emoji.ts";
import { externalIdOf, messageIdOf, toEvent } from "./chat-events.ts";
import { ChatHost, SILENT_LOGGER } from "./chat-host.ts";
import { outcomeOf } from "./chat-outcome.ts";
import type { ChatSdkOptions } from "./chat-sdk-options.ts";

/** An adapter that is ready for a connection. */
interface Ready {
  readonly adapter: ChatAdapter;
  readonly host: ChatHost;
}

/** How many adapters are kept: one for each connection and set of secrets. */
const MAX_ADAPTERS = 1000;
const MAX_FILE_BYTES = 100 * 1024 * 1024;

/** Speaks to adapters in the host's stead. */
export class ChatBridge<S> {
  readonly #options: ChatSdkOptions<S>;
  readonly #addressKind: string;
  readonly #ready = new Map<string, Promise<Ready>>();

  constructor(options: ChatSdkOptions<S>, addressKind: string) {
    this.#options = options;
    this.#addressKind = addressKind;
  }

  /**
   * Has an adapter that is connected to nothing look at the request: it verifies it first, and has nobody to tell of it afterwards. So
   * nothing happens but the verification.
   */
  async verify(request: WebhookRequest, context: ConnectionContext<S>): Promise<Verdict> {
    const stale = this.#staleness(request, context.now());
    if (stale !== undefined) return { isGenuine: false, reason: stale };
    for (const secrets of secretsThatHold(context)) {
      if (await this.#isAccepted(request, context.settings, secrets)) return { isGenuine: true };
    }
    return { isGenuine: false, reason: "the adapter refuses it" };
  }

  /** @throws {AnywireError} `unavailable` when the adapter needs its network first, and that is not there */
  async parse(
    request: WebhookRequest,
    context: ConnectionContext<S>,
  ): Promise<readonly InboundEvent[]> {
    const { adapter, host } = await this.#adapterOf(context);
    const whole = { ...request, headers: { ...request.headers, ...this.#headersOf(context) } };
    const told = await host.capture(async (waitUntil) => {
      const { status } = await adapter.handleWebhook(toFetchRequest(whole), { waitUntil });
      if (status >= 500) {
        throw new AnywireError("unavailable", `the adapter of ${this.#name} can't read it now`);
      }
      if (status >= 400) {
        throw new Error(
          `the adapter of ${this.#name} refuses what was verified (${status}): when isVerified, make one that verifies nothing`,
        );
      }
    });
    if (told.length === 0) {
      return [{ type: "ignored", at: context.now(), what: "the adapter told nothing of it" }];
    }
    const names = { addressKind: this.#addressKind, now: context.now };
    return Promise.all(told.map((one) => toEvent(one, adapter, names)));
  }

  async send(job: SendJob, context: ConnectionContext<S>): Promise<SendResult> {
    return this.#attempt(job, context, async (adapter, threadId) => {
      const post = (await this.#postOf(job.content)) as never;
      if (job.signal.aborted) return undefined;
      const posted =
        job.replyTo !== undefined && adapter.reply !== undefined
          ? await adapter.reply(threadId, messageIdOf(job.replyTo), post)
          : await adapter.postMessage(threadId, post);
      return externalIdOf(adapter, posted.threadId || threadId, posted.id);
    });
  }

  async edit(job: ChangeJob, context: ConnectionContext<S>): Promise<SendResult> {
    return this.#attempt(job, context, async (adapter, threadId) => {
      const post = (await this.#postOf(job.content)) as never;
      await adapter.editMessage(threadId, firstIdOf(job), post);
      return job.externalIds[0];
    });
  }

  async delete(job: ChangeJob, context: ConnectionContext<S>): Promise<SendResult> {
    return this.#attempt(job, context, async (adapter, threadId) => {
      for (const id of job.externalIds) await adapter.deleteMessage(threadId, messageIdOf(id));
      return job.externalIds[0];
    });
  }

  async react(
    job: ChangeJob & { readonly emoji: string; readonly action: "add" | "remove" },
    context: ConnectionContext<S>,
  ): Promise<SendResult> {
    return this.#attempt(job, context, async (adapter, threadId) => {
      const emoji = await nameOf(job.emoji);
      if (job.action === "add") await adapter.addReaction(threadId, firstIdOf(job), emoji);
      else await adapter.removeReaction(threadId, firstIdOf(job), emoji);
      return job.externalIds[0];
    });
  }

  async typing(to: string, context: ConnectionContext<S>): Promise<void> {
    const { adapter } = await this.#adapterOf(context);
    await adapter.startTyping(await this.#threadOf(adapter, to));
  }

  async markRead(to: string, externalId: string, context: ConnectionContext<S>): Promise<void> {
    const { adapter } = await this.#adapterOf(context);
    await adapter.markAsRead?.(await this.#threadOf(adapter, to), messageIdOf(externalId));
  }

  /** Only as the adapter itself fetches: a URL that a message brought is not followed. */
  async fetchMedia(media: MediaReference, context: ConnectionContext<S>): Promise<FetchedMedia> {
    const { adapter } = await this.#adapterOf(context);
    const known = JSON.parse(media.ref) as ChatAttachment;
    const attachment = adapter.rehydrateAttachment?.(known as never) as ChatAttachment | undefined;
    if (attachment?.fetchData === undefined) {
      throw new Error(`the adapter of ${this.#name} can't fetch files`);
    }
    const bytes = new Uint8Array(await attachment.fetchData());
    const { name, mimeType } = attachment;
    return {
      ...(name === undefined ? {} : { name }),
      ...(mimeType === undefined ? {} : { mimeType }),
      sizeBytes: bytes.byteLength,
      bytes: new Blob([bytes]).stream() as ReadableStream<Uint8Array>,
    };
  }

  async #postOf({ text, media }: SendContent): Promise<ChatPost> {
    const files = await Promise.all(
      media.flatMap(({ source }) => {
        if (source === undefined) return [];
        const { name: filename, mimeType } = source;
        return readMedia(source, MAX_FILE_BYTES).then((data) => ({ data, filename, mimeType }));
      }),
    );
    const said = chatTextOf(text, this.#options.textAs);
    return files.length === 0 ? said : { ...said, files };
  }

  #headersOf({ secrets }: ConnectionContext<S>): Readonly<Record<string, string>> {
    return this.#options.headers?.((name) => secrets[name]?.[0] ?? "") ?? {};
  }

  get #name(): string {
    return this.#options.displayName;
  }

  /** Does one thing in the conversation with somebody. An adapter can't be called back: what was begun goes on when time is up. */
  async #attempt(
    { to, signal }: Pick<SendJob, "to" | "signal">,
    context: ConnectionContext<S>,
    work: (adapter: ChatAdapter, threadId: string) => Promise<string | undefined>,
  ): Promise<SendResult> {
    if (signal.aborted) return tooLate(this.#name);
    const attempt = async (): Promise<SendResult> => {
      const { adapter } = await this.#adapterOf(context);
      const id = await work(adapter, await this.#threadOf(adapter, to));
      return id === undefined ? tooLate(this.#name) : { outcome: "accepted", externalIds: [id] };
    };
    const outcome = attempt().catch((error: unknown) => outcomeOf(error, this.#name));
    const reason = `no answer of ${this.#name} in time; look there whether it arrived`;
    return untilAborted(outcome, signal, { outcome: "unknown", reason });
  }

  async #threadOf(adapter: ChatAdapter, to: string): Promise<string> {
    if (adapter.openDM === undefined) {
      throw new Error(`the adapter of ${this.#name} opens no conversation with one person`);
    }
    return adapter.openDM(to.slice(to.indexOf(":") + 1));
  }

  /** One for a connection and its secrets of now, made once: adapters ask their network who they are. */
  #adapterOf({ id, settings, secrets }: ConnectionContext<S>): Promise<Ready> {
    const now = mapValues(secrets, ([value = ""]) => value);
    const key = createHash("sha256")
      .update(JSON.stringify([id, settings, now]))
      .digest("base64");
    const known = this.#ready.get(key);
    if (known !== undefined) return known;
    const ready = this.#initialize(settings, now);
    this.#ready.set(key, ready);
    ready.catch(() => this.#ready.delete(key));
    const [oldest] = this.#ready.keys();
    if (this.#ready.size > MAX_ADAPTERS && oldest !== undefined) {
      void this.#ready.get(oldest)?.then(({ adapter }) => adapter.disconnect?.());
      this.#ready.delete(oldest);
    }
    return ready;
  }

  async #initialize(settings: S, secrets: Readonly<Record<string, string>>): Promise<Ready> {
    const host = new ChatHost();
    const adapter = this.#create(settings, secrets, true);
    await adapter.initialize(host.instance() as never);
    return { adapter, host };
  }

  #create(
    settings: S,
    secrets: Readonly<Record<string, string>>,
    isVerified: boolean,
  ): ChatAdapter {
    const secret = (name: string): string => secrets[name] ?? "";
    return this.#options.adapter({ settings, secret, isVerified, logger: SILENT_LOGGER });
  }

  async #isAccepted(
    request: WebhookRequest,
    settings: S,
    secrets: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    try {
      const adapter = this.#create(settings, secrets, false);
      return (await adapter.handleWebhook(toFetchRequest(request))).ok;
    } catch {
      return false;
    }
  }

  #staleness({ headers }: WebhookRequest, now: number): string | undefined {
    const { timestamp } = this.#options;
    if (timestamp === undefined) return undefined;
    const { header, unit, maxAgeMs } = timestamp;
    const at = Number(headers[header] || Number.NaN) * (unit === "s" ? 1000 : 1);
    const isFresh = Math.abs(now - at) <= maxAgeMs;
    return isFresh ? undefined : `the time in header ${header} is missing, or too far away`;
  }
}

/** The secrets of now, then those that hold still; none that is empty, since some adapters take that for "do not verify". */
function* secretsThatHold<S>({
  secrets,
}: ConnectionContext<S>): Generator<Readonly<Record<string, string>>> {
  const depth = Math.max(0, ...Object.values(secrets).map(({ length }) => length));
  for (let index = 0; index < depth; index += 1) {
    const set = mapValues(secrets, (values) => values[index] ?? values[0] ?? "");
    if (Object.values(set).every((value) => value !== "")) yield set;
  }
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function toFetchRequest({ method, url, headers, body }: WebhookRequest): Request {
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method,
    headers,
    ...(hasBody ? { body: new Uint8Array(body) } : {}),
  });
}

function chatTextOf(text: string, textAs: ChatSdkOptions<unknown>["textAs"] = "tree"): ChatText {
  if (textAs === "raw") return { raw: text };
  if (textAs !== "tree") return { raw: textAs(text) };
  const children = [{ type: "paragraph", children: [{ type: "text", value: text }] }] as const;
  return { ast: { type: "root", children } };
}

function firstIdOf({ externalIds }: ChangeJob): string {
  return messageIdOf(externalIds[0] ?? "");
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, late: T): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<T>((resolve) => {
    onAbort = () => resolve(late);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
