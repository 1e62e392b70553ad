import type { FetchedMedia } from "../contract/abilities.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { MediaReference } from "../contract/inbound-event.ts";
import { credentialsOf } from "./twilio-call.ts";
import type { TwilioSettings } from "./twilio-settings.ts";

/** Where Twilio's API sends whoever asks for media. */
const TWILIO_HOST = /^(?:[a-z0-9-]+\.)*(?:twilio\.com|twiliocdn\.com)$/;
/** The storage behind it; only by a redirect of Twilio's own. */
const STORAGE_HOST = /^(?:[a-z0-9-]+\.)*s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com$/;
const MAX_REDIRECTS = 3;

/**
 * Fetches media of a message from Twilio: with the credentials from the connection's own API, without them from where that
 * redirects to, and from nowhere else.
 */
export async function fetchTwilioMedia(
  media: MediaReference,
  context: ConnectionContext<TwilioSettings>,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  const api = new URL(context.settings.baseUrl);
  let url = URL.parse(media.ref);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    if (url === null || !isAllowed(url, api, hops > 0)) {
      throw new Error("the media are not on a host of Twilio's; they are not fetched");
    }
    const response = await fetch(url, {
      redirect: "manual",
      signal,
      headers: headersFor(url, api, context),
    });
    if (response.status < 300) return fetchedOf(response);
    await response.body?.cancel();
    if (response.status >= 400) throw new Error(`Twilio answered ${response.status} for the media`);
    url = URL.parse(response.headers.get("location") ?? "", url);
  }
  throw new Error("Twilio sends from one place of the media to the next; given up");
}

function isAllowed(url: URL, api: URL, isRedirect: boolean): boolean {
  if (url.origin === api.origin) return true;
  if (url.protocol !== "https:" || url.port !== "") return false;
  return TWILIO_HOST.test(url.hostname) || (isRedirect && STORAGE_HOST.test(url.hostname));
}

/** The API gets the credentials, a store of files does not. */
function headersFor(
  url: URL,
  api: URL,
  context: ConnectionContext<TwilioSettings>,
): Record<string, string> {
  const isApi = url.origin === api.origin || url.hostname === "api.twilio.com";
  if (!isApi) return {};
  return {
    authorization: `Basic ${Buffer.from(credentialsOf(context).join(":")).toString("base64")}`,
  };
}

function fetchedOf(response: Response): FetchedMedia {
  if (response.body === null) throw new Error("Twilio answered without the media");
  const mimeType = response.headers.get("content-type");
  const size = Number(response.headers.get("content-length"));
  return {
    bytes: response.body,
    ...(mimeType === null ? {} : { mimeType }),
    ...(size > 0 ? { sizeBytes: size } : {}),
  };
}
