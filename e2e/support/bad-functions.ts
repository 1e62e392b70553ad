import type { RunFailure } from "@anywire/functions/runtime";

/** A function that does what it should not, before a message. */
export interface BadFunction {
  /** Its file's name without the ending, and the id of the channel it is bound to. */
  readonly name: string;
  /** Its handler's body; there are `event` and `context`. */
  readonly body: string;
  /** What its run fails with; null where only the log has something to say. */
  readonly failure: RunFailure | null;
  /** A line about it in the functions' log. */
  readonly says: RegExp;
}

/** Longer, where it has to come to its end by itself. */
const PATIENT = 20_000;
const FILL = "const all = []; for (;;) all.push";
const DEEP = 'JSON.parse("[".repeat(5_000) + "]".repeat(5_000))';

/** The deadline of a bad function, ms. */
export function deadlineOf({ failure }: BadFunction): number {
  return failure === "late" ? 300 : PATIENT;
}

/** What a function can do wrong while it runs. */
export const BAD_FUNCTIONS: readonly BadFunction[] = [
  { name: "loops", body: "for (;;);", failure: "late", says: /not done after 300 ms/ },
  {
    name: "loops-later",
    body: "await null; await context.kv.get('a'); for (;;);",
    failure: "late",
    says: /not done after 300 ms/,
  },
  {
    name: "never-settles",
    body: "await new Promise(() => {});",
    failure: "late",
    says: /not done after 300 ms/,
  },
  {
    name: "fills-heap",
    body: `${FILL}(new Array(1000).fill({}));`,
    failure: "out_of_memory",
    says: /more memory than a worker has/,
  },
  {
    name: "fills-buffers",
    body: `${FILL}(Buffer.alloc(4_000_000, 1));`,
    failure: "out_of_memory",
    says: /more memory than a worker has/,
  },
  { name: "exits", body: "process.exit(1);", failure: "exited", says: /process\.exit is not/ },
  { name: "aborts", body: "process.abort();", failure: "exited", says: /process\.abort is not/ },
  {
    name: "kills",
    body: 'process.kill(process.pid, "SIGKILL");',
    failure: "exited",
    says: /process\.kill is not there/,
  },
  {
    name: "kills-quietly",
    body: 'try { process.kill(process.pid, "SIGSEGV"); } catch {}',
    failure: "exited",
    says: /process\.kill is not there/,
  },
  { name: "throws-text", body: 'throw "a text";', failure: "threw", says: /a text/ },
  { name: "throws-null", body: "throw null;", failure: "threw", says: /threw null/ },
  {
    name: "throws-trap",
    body: "throw new Proxy({}, { get() { throw new Error('a trap'); } });",
    failure: "threw",
    says: /refused: \S/,
  },
  { name: "returns-number", body: "return 42;", failure: "bad_result", says: /the number 42/ },
  {
    name: "returns-circle",
    body: "event.message.meta = { event }; event.message.meta.self = event.message;",
    failure: "bad_result",
    says: /circular/,
  },
  {
    name: "returns-giant",
    body: 'event.message.text = "x".repeat(10_000_000);',
    failure: "bad_result",
    says: /refused: \S/,
  },
  {
    name: "recurses",
    body: "const deeper = () => deeper() + 1; deeper();",
    failure: "threw",
    says: /Maximum call stack/,
  },
  {
    name: "returns-depth",
    body: `event.message.meta = { deep: ${DEEP} };`,
    failure: "bad_result",
    says: /nested deeper than 256/,
  },
  {
    name: "keeps-depth",
    body: `await context.kv.set("deep", ${DEEP}); await context.kv.get("deep");`,
    failure: "threw",
    says: /nested deeper than 256/,
  },
  {
    name: "sends-depth",
    body: `await context.publishData("production.group.lobby", ${DEEP});`,
    failure: "threw",
    says: /nested deeper than 256/,
  },
  {
    name: "pollutes",
    body: "Object.prototype.polluted = true;",
    failure: "threw",
    says: /Cannot add property polluted/,
  },
  {
    name: "replaces-json",
    body: 'JSON.stringify = () => "{}";',
    failure: "threw",
    says: /read only property 'stringify'/,
  },
  {
    name: "crosses",
    body: 'await context.publish("staging.group.lobby", "hello");',
    failure: "threw",
    says: /nothing crosses platforms/,
  },
  {
    name: "reroutes-across",
    body: 'return event.reroute("staging.group.lobby");',
    failure: "bad_result",
    says: /nothing crosses platforms/,
  },
  {
    name: "publishes-giant",
    body: 'await context.publish("production.group.lobby", "x".repeat(10_000_000));',
    failure: "threw",
    says: /more than \d+ characters/,
  },
  {
    name: "fills-store",
    body: "for (let i = 0; ; i += 1) await context.kv.set('key-' + i, i);",
    failure: "threw",
    says: /functions\.maxKeys/,
  },
  {
    name: "calls-without-end",
    body: "for (;;) await context.kv.get('a');",
    failure: "threw",
    says: /functions\.maxCalls/,
  },
  {
    name: "fetches-own-server",
    body: 'await context.fetch("http://127.0.0.1:4000/metrics");',
    failure: "threw",
    says: /functions\.allowedAddresses/,
  },
  {
    name: "fetches-metadata",
    body: 'await fetch("http://169.254.169.254/latest/meta-data/");',
    failure: "threw",
    says: /functions\.allowedAddresses/,
  },
  {
    name: "floods-log",
    body: 'for (let i = 0; i < 100_000; i += 1) { context.log.info("line " + i); console.log("x".repeat(1000)); }',
    failure: null,
    says: /more lines left out/,
  },
  {
    name: "rejects",
    body: 'void Promise.reject(new Error("forgotten")); await context.kv.get("a");',
    failure: null,
    says: /a rejection that nobody handled: Error: forgotten/,
  },
  {
    name: "takes-globals-away",
    body: "for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name]; } catch { context.log.info(name + ' stays'); }",
    failure: null,
    says: /Promise stays/,
  },
  {
    name: "throws-later",
    body: 'setTimeout(() => { throw new Error("later"); }, 0); await new Promise((done) => setTimeout(done, 50));',
    failure: null,
    says: /an uncaught error: Error: later/,
  },
];

/** A file that is no function, and what is said of it. */
export interface BadFile {
  readonly name: string;
  readonly code: string;
  readonly says: RegExp;
}

/** What can be wrong with a file before anything of it has run. */
export const BAD_FILES: readonly BadFile[] = [
  { name: "syntax", code: "export default beforePublish(", says: /^syntax\.ts\S* / },
  { name: "nothing", code: "export const other = 1;", says: /exports nothing as default/ },
  { name: "number", code: "export default 7;", says: /exports the number 7 as default/ },
  {
    name: "trigger",
    code: 'import { beforeLunch } from "@anywire/functions"; export default beforeLunch("*.sms.*", () => {});',
    says: /beforeLunch/,
  },
  {
    name: "pattern",
    code: 'import { beforePublish } from "@anywire/functions"; export default beforePublish("sms.**", () => {});',
    says: /pattern/,
  },
  { name: "exits", code: "process.exit(1);", says: /process\.exit is not there for functions/ },
  { name: "throws", code: 'throw "a text";', says: /threw the string "a text"/ },
  { name: "loops", code: "for (;;);", says: /not loaded within/ },
  {
    name: "fills",
    code: "const all = []; for (;;) all.push(new Array(1000).fill({}));",
    says: /more memory than a worker has/,
  },
];
