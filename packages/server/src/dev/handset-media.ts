import { AnywireError } from "@anywire/types";

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const TIMEOUT_MS = 10_000;

/** Shown by a page as they are; anything else can only be saved. */
const SHOWN = /^(?:image|audio|video)\/(?!svg)[\w.+-]+$/;

/** Whether media lie with a simulator or in the message itself: nothing is fetched from elsewhere, whatever a message says. */
export function isWithinReach(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {};
  return protocol === "data:" || (protocol === "http:" && LOOPBACK.test(hostname ?? ""));
}

/**
 * Media of a message, for the page.
 * @throws {AnywireError} `not_found` when they are elsewhere or gone
 */
export async function fetchHandsetMedia(
  media: { readonly name: string; readonly mimeType: string; readonly url: string } | undefined,
): Promise<Response> {
  if (media === undefined || !isWithinReach(media.url)) throw missing();
  const response = await fetch(media.url, {
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw missing(cause);
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw missing();
  }
  const isShown = SHOWN.test(media.mimeType);
  const name = encodeURIComponent(media.name.slice(0, 256));
  return new Response(response.body, {
    headers: {
      "content-type": isShown ? media.mimeType : "application/octet-stream",
      "content-disposition": `${isShown ? "inline" : "attachment"}; filename*=UTF-8''${name}`,
    },
  });
}

function missing(cause?: unknown): AnywireError {
  return new AnywireError("not_found", "there are no such media", { cause });
}
