import { buildRevision, type FunctionLogData, revisionId } from "@anywire/functions/runtime";
import { expect, test, vi } from "vitest";
import { type CrashingServer, startCrashingServer } from "./crash/crashing-server.ts";
import {
  BAD_FILES,
  BAD_FUNCTIONS,
  type BadFile,
  type BadFunction,
  deadlineOf,
} from "./support/bad-functions.ts";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp, operatorToken } from "./support/http-call.ts";
import { Inbox } from "./support/inbox.ts";
import { residentMb } from "./support/resident-memory.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startSteadyPublisher } from "./support/steady-publisher.ts";

const STEADY = "production.group.steady";
/** What may remain, MB: workers that are not worn out, and what allocators keep. */
const MAY_REMAIN_MB = 200;
const MINUTE = 60_000;

/** The one that behaves. It takes its time where a machine is busy with other tests. */
const STEADY_FUNCTION = `
import { beforePublish } from "@anywire/functions";

export default beforePublish("${STEADY}", (event) => {
  event.message.text += "!";
}, { deadlineMs: 20_000 });
`;

function codeOf(bad: BadFunction): string {
  return `
import { beforePublish } from "@anywire/functions";

export default beforePublish("production.group.${bad.name}", async (event, context) => {
  ${bad.body}
}, { deadlineMs: ${deadlineOf(bad)} });
`;
}

async function startServer(): Promise<CrashingServer> {
  return startCrashingServer({
    ANYWIRE_FUNCTIONS_MAX_KEYS: "100",
    ANYWIRE_FUNCTIONS_MAX_CALLS: "500",
  });
}

async function operate(server: CrashingServer, method: string, path: string, json?: unknown) {
  return callHttp(server, await operatorToken(server), method, path, json);
}

/** Has the files run. */
async function deploy(
  server: CrashingServer,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const { path } = await functionsDirectory(files);
  const { id, functions } = await buildRevision(path);
  await operate(server, "POST", "/v1/revisions", { id, functions });
  const decision = { action: "activate", revision: id };
  const { status, body } = await operate(server, "POST", "/v1/deployment", decision);
  expect(status, JSON.stringify(body)).toBe(200);
  return id;
}

/** The functions' log, as it grows. */
async function listenToLog(server: CrashingServer): Promise<Inbox<FunctionLogData>> {
  const lines = new Inbox<FunctionLogData>("lines of functions");
  const channel = "production.system.functions";
  const token = await server.token("author", { subscribe: [channel] });
  const { subscription } = await subscribeSdk(await connectSdk(server, { token }), channel);
  subscription.on("publication", ({ data }) => lines.push(data));
  return lines;
}

/** Whoever puts up code without bundling it first. */
async function putUnbundled(server: CrashingServer, { name, code }: BadFile): Promise<string> {
  const functions = [
    { name, file: `${name}.ts`, code },
    { name: "steady", file: "steady.ts", code: STEADY_FUNCTION },
  ];
  const id = revisionId(functions);
  const { status, body } = await operate(server, "POST", "/v1/revisions", { id, functions });
  expect(status, JSON.stringify(body)).toBe(201);
  return id;
}

/** Runs a function that does wrong; what the sender is told, and what the log has about it. */
async function runBad(
  server: CrashingServer,
  lines: Inbox<FunctionLogData>,
  { name, failure, says }: BadFunction,
): Promise<void> {
  const channel = `production.group.${name}`;
  const path = `/v1/channels/${channel}/messages`;
  const token = await server.token("bob");
  const { status, body } = await callHttp(server, token, "POST", path, { text: "hello" });
  const told = failure === null ? "201 " : "500 function_failed";
  expect(`${name}: ${status} ${body.code ?? ""}`).toBe(`${name}: ${told}`);
  const isAboutIt = ({ function: by, text, error }: FunctionLogData): boolean =>
    by === name && says.test(text) && error?.failure === (failure ?? undefined);
  const line = await lines.find(isAboutIt, `${name}: ${failure}, in words such as ${says}`);
  expect(line).toMatchObject({ channel, attempt: 1 });
}

test(
  "whatever a function does wrong ends in a defined error on that run and a line in its log, and touches nothing else",
  async () => {
    const server = await startServer();
    const bad = BAD_FUNCTIONS.map((one) => [`${one.name}.ts`, codeOf(one)]);
    await deploy(server, { ...Object.fromEntries(bad), "steady.ts": STEADY_FUNCTION });
    const lines = await listenToLog(server);
    const steady = startSteadyPublisher(server, STEADY);
    await steady.assertGoesOn();
    const before = await residentMb(server.pid());
    for (const one of BAD_FUNCTIONS) {
      await runBad(server, lines, one);
      await steady.assertGoesOn();
    }
    const after = await vi.waitFor(
      async () => {
        const now = await residentMb(server.pid());
        expect(now).toBeLessThan(before + MAY_REMAIN_MB);
        return now;
      },
      { timeout: MINUTE, interval: 500 },
    );
    const { slowestMs, said } = await steady.stop();
    expect(await server.stop()).toBe(0);
    console.log(
      `${BAD_FUNCTIONS.length} bad functions: ${said} messages beside them, the slowest took ${slowestMs} ms; memory ${before} MB before, ${after} MB after`,
    );
  },
  3 * MINUTE,
);

test(
  "code that cannot be loaded is refused with what is wrong where, and what ran goes on",
  async () => {
    const server = await startServer();
    const active = await deploy(server, { "steady.ts": STEADY_FUNCTION });
    const steady = startSteadyPublisher(server, STEADY);
    for (const file of BAD_FILES) {
      const revision = await putUnbundled(server, file);
      const decision = { action: "activate", revision };
      const { status, body } = await operate(server, "POST", "/v1/deployment", decision);
      expect(`${file.name}: ${status} ${body.code}`).toBe(`${file.name}: 400 bad_request`);
      expect(body.errors).toHaveLength(1);
      const [{ path, message }] = body.errors;
      expect(path).toMatch(new RegExp(`^${file.name}\\.`));
      expect(`${path} ${message}`).toMatch(file.says);
      expect((await operate(server, "GET", "/v1/deployment")).body).toMatchObject({ active });
      await steady.assertGoesOn();
    }
    await steady.stop();
    expect(await server.stop()).toBe(0);
  },
  2 * MINUTE,
);
