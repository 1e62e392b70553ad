import { randomBytes } from "node:crypto";
import type { HandsetDraft, HandsetMessage } from "../contract/simulator.ts";
import type { NetworkAnswer } from "../simulator/index.ts";

type Shown = HandsetMessage["media"][number];

/** What a person sent along. */
export interface KeptMedia {
  readonly shown: Shown;
  readonly mimeType: string;
  /** Where the API gives it, to whoever has the account's credentials. */
  readonly apiUrl: string;
}

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

/** The media that persons and product exchange. Keeps the last 100 of persons. */
export class TwilioSimulatorMedia {
  readonly #files = new Map<string, { readonly bytes: Uint8Array; readonly mimeType: string }>();
  readonly #running = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #url = "";
  #accountSid = "";

  open(url: string, accountSid: string): void {
    this.#url = url;
    this.#accountSid = accountSid;
  }

  keep(
    messageSid: string,
    { name, mimeType, bytes }: NonNullable<HandsetDraft["media"]>,
  ): KeptMedia {
    const sid = `ME${randomBytes(16).toString("hex")}`;
    this.#files.set(sid, { bytes, mimeType });
    const [oldest] = this.#files.keys();
    if (this.#files.size > 100 && oldest !== undefined) this.#files.delete(oldest);
    const path = `/2010-04-01/Accounts/${this.#accountSid}/Messages/${messageSid}/Media/${sid}`;
    const shown = { name, mimeType, url: `${this.#url}/stored/${sid}` };
    return { shown, mimeType, apiUrl: this.#url + path };
  }

  /** The store of files behind the API: who has the URL has the file. */
  stored(path: string): NetworkAnswer | undefined {
    const file = this.#files.get(/^\/stored\/(ME[0-9a-f]{32})$/.exec(path)?.[1] ?? "");
    if (file === undefined) return undefined;
    return { status: 200, headers: { "content-type": file.mimeType }, body: file.bytes };
  }

  /** The API sends whoever asks for media to the store. */
  redirect(path: string): NetworkAnswer | undefined {
    const sid = /\/Media\/(ME[0-9a-f]{32})$/.exec(path)?.[1];
    if (sid === undefined || !this.#files.has(sid)) return undefined;
    return { status: 307, headers: { location: `${this.#url}/stored/${sid}` }, body: "" };
  }

  /** What media are by their URLs alone. */
  guessed(urls: readonly string[]): readonly Shown[] {
    return urls.map((url) => {
      const name = decodeURIComponent(URL.parse(url)?.pathname.split("/").at(-1) ?? "") || "media";
      const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
      return { name, url, mimeType: MIME_BY_ENDING[ending] ?? "application/octet-stream" };
    });
  }

  /**
   * Looks media up as Twilio does, and tells what they are: undefined when one is not there. Only on this machine: of others it
   * believes their URLs.
   */
  lookUp(urls: readonly string[], tell: (media: readonly Shown[] | undefined) => void): void {
    const guessed = this.guessed(urls);
    if (!urls.some(isLoopback)) {
      tell(guessed);
      return;
    }
    const work = Promise.all(guessed.map((shown) => this.#seen(shown)))
      .then(tell, () => tell(undefined))
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #seen(shown: Shown): Promise<Shown> {
    if (!isLoopback(shown.url)) return shown;
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(LOOK_UP_MS)]);
    const response = await fetch(shown.url, { signal });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const mimeType = response.headers.get("content-type");
    return mimeType === null ? shown : { ...shown, mimeType };
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.idle();
  }
}

function isLoopback(url: string): boolean {
  return LOOPBACK.test(URL.parse(url)?.hostname ?? "");
}
