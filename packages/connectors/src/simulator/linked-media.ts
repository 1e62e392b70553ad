import type { HandsetMessage } from "../contract/simulator.ts";

/** Media on a person's screen. */
export type ShownMedia = HandsetMessage["media"][number];

const MIME_BY_ENDING: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
};
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const LOOK_UP_MS = 5000;

/** What media are by their URLs alone. */
export function guessMedia(urls: readonly string[]): readonly ShownMedia[] {
  return urls.map((url) => {
    const name = lastSegment(url) || "media";
    const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
    return { name, url, mimeType: MIME_BY_ENDING[ending] ?? "application/octet-stream" };
  });
}

/** Media that a product names by their URLs, and that a network fetches from there. */
export class LinkedMedia {
  readonly #running = new Set<Promise<void>>();
  readonly #end = new AbortController();

  /**
   * Looks media up as a network does, and tells what they are: undefined when one is not there. Only on this machine: of others it
   * believes their URLs.
   */
  lookUp(urls: readonly string[], tell: (media: readonly ShownMedia[] | undefined) => void): void {
    const guessed = guessMedia(urls);
    if (!urls.some(isLoopback)) {
      tell(guessed);
      return;
    }
    const work = Promise.all(guessed.map((shown) => this.#seen(shown)))
      .then(tell, () => tell(undefined))
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  /** Resolves when all was looked up. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.idle();
  }

  async #seen(shown: ShownMedia): Promise<ShownMedia> {
    if (!isLoopback(shown.url)) return shown;
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(LOOK_UP_MS)]);
    const response = await fetch(shown.url, { signal });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const mimeType = response.headers.get("content-type");
    return mimeType === null ? shown : { ...shown, mimeType };
  }
}

function isLoopback(url: string): boolean {
  return LOOPBACK.test(URL.parse(url)?.hostname ?? "");
}

function lastSegment(url: string): string {
  const segment = URL.parse(url)?.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
