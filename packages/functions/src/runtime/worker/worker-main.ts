import { setSourceMapsSupport } from "node:module";
import { workerData } from "node:worker_threads";
import { createAddressGuard } from "./address-guard.ts";
import { AuthorFiles } from "./author-files.ts";
import { captureConsole } from "./capture-console.ts";
import { Claims } from "./claims.ts";
import { FunctionWorker } from "./function-worker.ts";
import { guardArrays } from "./guard-arrays.ts";
import { guardBuiltIns } from "./guard-built-ins.ts";
import { guardProcess } from "./guard-process.ts";
import { guardNetwork } from "./guarded-fetch.ts";
import { loadFunctions } from "./load-functions.ts";
import { registerModuleHooks } from "./module-hooks.ts";
import { Outbox } from "./outbox.ts";
import type { WorkerSettings } from "./worker-messages.ts";
import { currentRun } from "./worker-run.ts";

const { port, claims: memory, functions, root, limits } = workerData as WorkerSettings;
// In reach of the functions, who have nothing to do with it.
for (const key of Object.keys(workerData as object))
  delete (workerData as Record<string, unknown>)[key];

const files = new AuthorFiles(root);
const outbox = new Outbox(port);
const claims = new Claims(memory);

setSourceMapsSupport(true, { nodeModules: true, generatedCode: true });
captureConsole((level, text) => {
  const run = currentRun();
  if (run === undefined) outbox.outside(text);
  else run.log(level, text);
});
guardProcess((error) => {
  const stack = files.stackOf(error);
  currentRun()?.fail({ failure: "exited", message: error.message, ...(stack && { stack }) });
});
guardArrays();
guardNetwork(createAddressGuard(limits.allowedAddresses));
// A worker has other runs at work: what nobody handles is told and ends none of them.
process.setUncaughtExceptionCaptureCallback((error) => tellUnhandled("an uncaught error", error));
process.on("unhandledRejection", (reason) =>
  tellUnhandled("a rejection that nobody handled", reason),
);

// Nor does it end by itself when a file awaits what never comes.
port.ref();
const pubnub = functions.some((each) => each.pubnub !== undefined)
  ? await import("../../pubnub/index.ts")
  : undefined;
registerModuleHooks(functions, files, pubnub);
const { definitions, ...loaded } = await loadFunctions(functions, {
  files,
  pubnub,
  onBegin: (count) => {
    claims.loading = count;
  },
});
guardBuiltIns();
const names = functions.map(({ name }) => name);
new FunctionWorker({ definitions, names, limits, files, claims, outbox }).listen(port);
outbox.loaded(loaded);

function tellUnhandled(what: string, thrown: unknown): void {
  const text = `${what}: ${files.stackOf(thrown) ?? files.messageOf(thrown)}`;
  const run = currentRun();
  if (run === undefined) outbox.outside(text);
  else run.log("error", text);
}
