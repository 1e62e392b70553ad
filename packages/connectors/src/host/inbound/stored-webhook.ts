import type { BlobStore, LogEntry } from "@anywire/core";
import { AnywireError, platformOf, type WebhookEntry, webhookEntrySchema } from "@anywire/types";
import type { ConnectionContext } from "../../contract/context.ts";
import type { WebhookRequest } from "../../contract/webhook.ts";

/** A URL that is longer has no place in a webhook. */
const MAX_URL_LENGTH = 8192;
/** Headers together, characters: servers take no more. */
const MAX_HEADERS_LENGTH = 64 * 1024;
const STARTS_WITH_SCHEME = /^https?:/i;

/** Headers that authenticate somebody: what is stored can be read later by whoever may read the log. */
const AUTHENTICATING =
  /^(?:authorization|proxy-authorization|cookie|set-cookie)$|secret|password|api-?key|token/;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Where bodies go that are too large for the log. */
export interface BodyPlace {
  readonly blobs: BlobStore;
  readonly inlineBytes: number;
  /** Of the entry that the body belongs to. */
  readonly entryId: string;
}

/** What a network sent, as it is stored: enough to parse it, and nothing that authenticates anybody. @throws {AnywireError} `too_large` */
export async function toWebhookEntry(
  { platform, secrets }: Pick<ConnectionContext, "platform" | "secrets">,
  { method, url, headers, body }: WebhookRequest,
  place: BodyPlace,
): Promise<WebhookEntry> {
  const values = Object.values(secrets).flat();
  return {
    method: method.slice(0, 16),
    url: storedUrl(url, values),
    headers: storedHeaders(headers, values),
    body:
      body.byteLength > place.inlineBytes
        ? { blob: await putBody(platform, headers, body, place) }
        : inlineBody(body),
  };
}

/**
 * The request that an entry of kind `webhook` stands for.
 * @throws {AnywireError} `bad_request` when it stands for none, `not_found` when its body is gone
 */
export async function fromWebhookEntry(
  { channel, dataJson }: LogEntry,
  blobs: BlobStore,
  webhookUrl: string,
): Promise<WebhookRequest> {
  const parsed = webhookEntrySchema.safeParse(JSON.parse(dataJson));
  if (!parsed.success) throw new AnywireError("bad_request", "what is stored is no webhook");
  const { method, url, headers, body } = parsed.data;
  return {
    ...{ method, headers },
    url: url.startsWith("/") ? originOf(webhookUrl) + url : url,
    body: await readBody(body, blobs, platformOf(channel)),
  };
}

function storedUrl(url: string, secrets: readonly string[]): string {
  const parsed = STARTS_WITH_SCHEME.test(url) ? URL.parse(url) : null;
  const path = parsed === null ? url : parsed.pathname + parsed.search;
  let stored = path;
  for (const secret of secrets) {
    if (secret !== "") stored = stored.replaceAll(encodeURIComponent(secret), "***");
  }
  if (stored.length <= MAX_URL_LENGTH) return stored;
  throw new AnywireError("too_large", `the URL is longer than ${MAX_URL_LENGTH} characters`);
}

function storedHeaders(
  headers: WebhookRequest["headers"],
  secrets: readonly string[],
): Record<string, string> {
  const kept = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !AUTHENTICATING.test(name))
    // Some networks give a secret itself, under a name of their own.
    .filter(([, value]) => !secrets.some((secret) => secret !== "" && value.includes(secret)));
  const length = kept.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length <= MAX_HEADERS_LENGTH) return Object.fromEntries(kept);
  throw new AnywireError(
    "too_large",
    `the headers have more than ${MAX_HEADERS_LENGTH} characters`,
  );
}

function inlineBody(body: Uint8Array): WebhookEntry["body"] {
  try {
    return { text: strict.decode(body) };
  } catch {
    return { base64: Buffer.from(body).toString("base64") };
  }
}

async function putBody(
  platform: string,
  headers: WebhookRequest["headers"],
  body: Uint8Array,
  { blobs, entryId }: BodyPlace,
): Promise<string> {
  // Not the form of an attachment's id: nobody can fetch it.
  const id = `webhook-${entryId}`;
  const mimeType = (headers["content-type"] || "application/octet-stream").slice(0, 128);
  const draft = { platform, id, mimeType, name: "webhook", maxBytes: body.byteLength };
  await blobs.put(draft, inOnePiece(body));
  return id;
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

async function readBody(
  body: WebhookEntry["body"],
  blobs: BlobStore,
  platform: string,
): Promise<Uint8Array> {
  if ("text" in body) return new TextEncoder().encode(body.text);
  if ("base64" in body) return Buffer.from(body.base64, "base64");
  const stream = await blobs.get({ platform, id: body.blob });
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? "";
}
