import {
  type AttachmentPart,
  attachmentPart,
  type UploadOptions,
} from "@anywire/client/attachments";
import type { Attachment } from "@anywire/types";

/** Uploads a file as somebody; rejects as `uploadAttachment` does. */
export type Upload = (
  file: File,
  options: Pick<UploadOptions, "onProgress" | "signal">,
) => Promise<Attachment>;

/** A file that is to go with the next message. */
export interface TrayFile {
  readonly key: number;
  readonly file: File;
  /** Bytes handed to the network; all of them is not yet stored. */
  readonly sentBytes: number;
  /** When it is stored. */
  readonly attachment?: Attachment;
  /** When it was refused, or there was no answer. */
  readonly error?: Error;
}

/** The files that are to go with a channel's next message: each is uploaded as soon as it is here. */
export interface Tray {
  /** In the order in which they came: the same array until something changes. */
  readonly getState: () => readonly TrayFile[];
  /** Calls `listener` after each change, until the function that it returns is called. */
  readonly subscribe: (listener: () => void) => () => void;
  add(files: Iterable<File>): void;
  /** Takes a file away, and breaks its upload off. */
  remove(key: number): void;
  /** Uploads a file that was refused once more. */
  retry(key: number): void;
  /** Takes all files that are stored, as parts of a message. */
  take(): AttachmentPart[];
}

/** A tray that nothing is in. */
export function createTray(upload: Upload): Tray {
  return new UploadTray(upload);
}

/** Why a message with these files can't be sent yet. */
export function reasonToWait(files: readonly TrayFile[]): string | undefined {
  if (files.some(({ error }) => error !== undefined)) {
    return "Retry or remove what could not be uploaded, then send.";
  }
  const isUploading = files.some(({ attachment }) => attachment === undefined);
  return isUploading ? "You can send as soon as everything is uploaded." : undefined;
}

class UploadTray implements Tray {
  readonly #upload: Upload;
  readonly #listeners = new Set<() => void>();
  readonly #aborts = new Map<number, AbortController>();
  #files: readonly TrayFile[] = [];
  #lastKey = 0;

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  readonly getState = (): readonly TrayFile[] => this.#files;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  add(files: Iterable<File>): void {
    for (const file of files) {
      this.#lastKey += 1;
      this.#update([...this.#files, { key: this.#lastKey, file, sentBytes: 0 }]);
      void this.#send(this.#lastKey, file);
    }
  }

  remove(key: number): void {
    this.#aborts.get(key)?.abort();
    this.#update(this.#files.filter((one) => one.key !== key));
  }

  retry(key: number): void {
    const refused = this.#files.find((one) => one.key === key && one.error !== undefined);
    if (refused === undefined) return;
    const { error: _, ...again } = refused;
    this.#replace({ ...again, sentBytes: 0 });
    void this.#send(key, refused.file);
  }

  take(): AttachmentPart[] {
    const parts = this.#files.flatMap(({ attachment }) =>
      attachment === undefined ? [] : [attachmentPart(attachment)],
    );
    this.#update(this.#files.filter(({ attachment }) => attachment === undefined));
    return parts;
  }

  async #send(key: number, file: File): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(key, abort);
    try {
      const attachment = await this.#upload(file, {
        onProgress: ({ sentBytes }) => this.#change(key, { sentBytes }),
        signal: abort.signal,
      });
      this.#change(key, { attachment });
    } catch (thrown) {
      this.#change(key, { error: thrown as Error });
    } finally {
      this.#aborts.delete(key);
    }
  }

  /** What comes of a file that was taken away concerns nobody. */
  #change(key: number, change: Partial<TrayFile>): void {
    const known = this.#files.find((one) => one.key === key);
    if (known !== undefined) this.#replace({ ...known, ...change });
  }

  #replace(file: TrayFile): void {
    this.#update(this.#files.map((one) => (one.key === file.key ? file : one)));
  }

  #update(files: readonly TrayFile[]): void {
    this.#files = files;
    for (const listener of this.#listeners) listener();
  }
}
