import { AnywireError } from "@anywire/types";
import type { FetchedMedia } from "../contract/abilities.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { MediaReference } from "../contract/inbound-event.ts";
import { authorizationFor } from "./x-api.ts";
import type { XSettings } from "./x-settings.ts";

/** Hosts that give what is in messages to whoever may read them. */
const PRIVATE: ReadonlySet<string> = new Set(["ton.twitter.com", "ton.x.com"]);
/** Hosts that give it to everybody. */
const PUBLIC: ReadonlySet<string> = new Set(["pbs.twimg.com", "video.twimg.com"]);

/**
 * Fetches a picture or film. From hosts of X alone, whatever the message says.
 * @throws {AnywireError} `permission_denied` for any other host, `unavailable`
 */
export async function fetchFromX(
  { ref, name, mimeType }: MediaReference,
  context: ConnectionContext<XSettings>,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  const url = placeAtX(ref, context);
  const isPublic = PUBLIC.has(url.hostname);
  const authorization = isPublic ? undefined : authorizationFor("GET", url, context);
  const headers = authorization === undefined ? {} : { authorization };
  const response = await fetch(url, { headers, signal, redirect: "error" }).catch(() => undefined);
  if (response?.body == null || !response.ok) {
    await response?.body?.cancel();
    const status = response === undefined ? "no answer" : `status ${response.status}`;
    throw new AnywireError("unavailable", `X did not give the media: ${status}`);
  }
  const type = response.headers.get("content-type") ?? mimeType;
  const size = Number(response.headers.get("content-length") ?? Number.NaN);
  return {
    bytes: response.body as ReadableStream<Uint8Array>,
    ...(name !== undefined && { name }),
    ...(type !== undefined && { mimeType: type }),
    ...(Number.isSafeInteger(size) && { sizeBytes: size }),
  };
}

/** Where media are. @throws {AnywireError} `permission_denied` when that is not at X */
function placeAtX(ref: string, { settings }: ConnectionContext<XSettings>): URL {
  const url = URL.parse(ref);
  const isKnown = url !== null && (PRIVATE.has(url.hostname) || PUBLIC.has(url.hostname));
  if (isKnown && url.protocol === "https:") return url;
  if (url !== null && url.origin === new URL(settings.baseUrl).origin) return url;
  throw new AnywireError("permission_denied", "the media is not at X; it is not fetched");
}
