import { Worker } from "node:worker_threads";
import type { Picture, PictureReply, PictureRequest } from "./picture.ts";

/** Looks at images in a thread of its own, one at a time. */
export interface Thumbnailer {
  /**
   * Size and thumbnail of an image. Undefined when it is none, when looking takes too long, and when too many wait:
   * never rejects.
   * @param read gives the bytes when it is their turn; undefined when they are not to be had
   */
  look(read: () => Promise<Uint8Array<ArrayBuffer> | undefined>): Promise<Picture | undefined>;
  /** Ends the thread; what is under way is given up. */
  close(): Promise<void>;
}

/** How a thumbnailer bounds what it does. */
export interface ThumbnailerOptions {
  /** How long one image may take, ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** How many may wait; more are not looked at. Default 8. */
  readonly maxWaiting?: number;
}

/** A thumbnailer; its thread starts with the first image. */
export function createThumbnailer(options: ThumbnailerOptions = {}): Thumbnailer {
  return new ThreadThumbnailer(options);
}

class ThreadThumbnailer implements Thumbnailer {
  readonly #timeoutMs: number;
  readonly #maxWaiting: number;
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  constructor({ timeoutMs = 10_000, maxWaiting = 8 }: ThumbnailerOptions) {
    this.#timeoutMs = timeoutMs;
    this.#maxWaiting = maxWaiting;
  }

  async look(
    read: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
  ): Promise<Picture | undefined> {
    if (this.#waiting >= this.#maxWaiting) return undefined;
    this.#waiting += 1;
    const turn = this.#last.then(async () => {
      try {
        const bytes = await read();
        return bytes === undefined ? undefined : await this.#ask(bytes);
      } catch {
        return undefined;
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#last = turn;
    return turn;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = startWorker();
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = null;
    };
    // Between two images too: an error that nobody hears ends the process.
    return worker.on("error", forget).on("exit", forget);
  }

  #ask(bytes: Uint8Array<ArrayBuffer>): Promise<Picture | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve) => {
      const end = (picture: Picture | undefined): void => {
        clearTimeout(timer);
        worker.off("message", answer).off("error", giveUp).off("exit", giveUp);
        resolve(picture);
      };
      const giveUp = (): void => {
        this.#worker = null;
        end(undefined);
        // A decoder can hang or run out of memory; the next image gets a new thread.
        void worker.terminate();
      };
      const answer = ({ picture }: PictureReply): void => end(picture);
      const timer = setTimeout(giveUp, this.#timeoutMs);
      worker.once("message", answer);
      worker.once("error", giveUp);
      worker.once("exit", giveUp);
      worker.postMessage({ bytes } satisfies PictureRequest, [bytes.buffer]);
    });
  }
}

function startWorker(): Worker {
  // In development the sources themselves run; Node strips their types.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./thumbnail-worker.${ending}`, import.meta.url), {
    name: "anywire thumbnails",
    // None of the process's own flags: some, such as those of `node --eval`, stop a thread from starting.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  // A thread that waits for images keeps no process alive.
  worker.unref();
  return worker;
}
