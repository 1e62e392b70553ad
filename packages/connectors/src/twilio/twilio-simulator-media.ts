import { randomBytes } from "node:crypto";
import type { HandsetDraft } from "../contract/simulator.ts";
import type { NetworkAnswer, ShownMedia } from "../simulator/index.ts";

/** What a person sent along. */
export interface KeptMedia {
  readonly shown: ShownMedia;
  readonly mimeType: string;
  /** Where the API gives it, to whoever has the account's credentials. */
  readonly apiUrl: string;
}

/** The media that persons send along: the last 100. */
export class TwilioSimulatorMedia {
  readonly #files = new Map<string, { readonly bytes: Uint8Array; readonly mimeType: string }>();
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
}
