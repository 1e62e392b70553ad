/** Preloaded by every Node.js peer: SIGUSR2 collects its garbage, so that resident memory is what is in use. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc");
  process.on("SIGUSR2", () => collectGarbage());
}
