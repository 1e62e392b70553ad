import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it, onTestFinished } from "vitest";

/** Starts a thread's module and tells all that was loaded for it. */
const SPY = `
  const { registerHooks } = require("node:module");
  const { parentPort, workerData } = require("node:worker_threads");
  const urls = [];
  registerHooks({
    load(url, context, next) {
      urls.push(url);
      return next(url, context);
    },
  });
  import(workerData.module).then(() => parentPort.postMessage({ urls }));
`;

async function loadedBy(module: string): Promise<string[]> {
  const url = new URL(`./${module}.ts`, import.meta.url).href;
  const thread = new Worker(SPY, {
    eval: true,
    workerData: { module: url, settings: { file: "/no/such/directory/log.sqlite" } },
    execArgv: ["--conditions=@anywire/source"],
  });
  onTestFinished(async () => void (await thread.terminate()));
  for (;;) {
    const [message] = await once(thread, "message");
    if ("urls" in message) return message.urls;
  }
}

// A server starts two of them, and zod with all schemas takes longer to load than the rest of such a thread.
it.each(["reader-worker", "sqlite-key-value-worker"])(
  "%s starts without schemas",
  async (module) => {
    const urls = await loadedBy(module);
    expect(urls.length).toBeGreaterThan(5);
    expect(urls.filter((url) => /\/zod\//.test(url))).toEqual([]);
  },
);
