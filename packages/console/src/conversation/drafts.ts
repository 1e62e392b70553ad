import { createTray, type Tray, type Upload } from "../attachments/tray.ts";

/** What was written and attached on a channel, and not sent. */
export interface ChannelDraft {
  text: string;
  readonly tray: Tray;
}

/** What was written and attached, and not sent, by channel: it is there when one comes back to the channel. */
export class Drafts {
  readonly #upload: Upload;
  readonly #drafts = new Map<string, ChannelDraft>();

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  /** The draft of a channel: always the same one. */
  of(channel: string): ChannelDraft {
    const known = this.#drafts.get(channel);
    if (known !== undefined) return known;
    const draft = { text: "", tray: createTray(this.#upload) };
    this.#drafts.set(channel, draft);
    return draft;
  }
}
