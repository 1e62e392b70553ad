import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { AnywireError } from "@anywire/types";
import type { ThreadData } from "./start-thread.ts";

/** What happens to a thread. */
export interface WorkerEvents<Reply> {
  onReply(reply: Reply): void;
  /** It ended and was not asked to: nothing it was sent will be answered. */
  onDeath(error: AnywireError): void;
}

/** A thread of this package, that is told to end with `null`. */
export class WorkerThread<Request, Reply> {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #isEnding = false;

  /** @param module the file beside this one, without its ending */
  constructor(module: string, settings: unknown, events: WorkerEvents<Reply>) {
    // In development the sources themselves run; Node strips their types.
    const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const urlOf = (name: string): URL => new URL(`./${name}.${ending}`, import.meta.url);
    const data: ThreadData = {
      module: urlOf(module).href,
      settings,
      compileCache: compileCacheDirectory(),
    };
    // None of the process's own flags: some, such as those of `node --eval`, stop a thread from starting.
    const execArgv = ending === "ts" ? ["--conditions=@anywire/source"] : [];
    const options = { workerData: data, name: `anywire ${module}`, execArgv };
    this.#worker = new Worker(urlOf("start-thread"), options);
    this.#worker.on("message", (reply: Reply) => events.onReply(reply));
    this.#ended = new Promise((resolve) => {
      let cause: unknown;
      this.#worker.on("error", (error) => {
        cause = error;
      });
      this.#worker.on("exit", () => {
        resolve();
        if (!this.#isEnding) events.onDeath(diedOf(module, cause));
      });
    });
  }

  post(request: Request): void {
    this.#worker.postMessage(request);
  }

  /** Lets it finish what it was sent; resolves when it has gone. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#worker.postMessage(null);
    await this.#ended;
  }
}

/** What `enableCompileCache` was given: Node.js keeps a directory of its own in it. */
function compileCacheDirectory(): string | undefined {
  const directory = getCompileCacheDir();
  return directory === undefined ? undefined : dirname(directory);
}

function diedOf(module: string, cause: unknown): AnywireError {
  const message = `the thread ${module} has died: restart the server`;
  return new AnywireError("unavailable", message, { cause });
}
