import { SourceMap } from "node:module";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp } from "./support/http-call.ts";
import { Inbox } from "./support/inbox.ts";
import { startServerProcess } from "./support/server-process.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const CODE = `
import { beforePublish } from "@anywire/functions";

interface Shout { readonly text: string }

export default beforePublish("*.group.*", (event) => {
  const shout: Shout = { text: event.message.text.toUpperCase() };
  event.message.text = shout.text;
});
`;
/** From 0: the one that changes the text. */
const LINE = CODE.split("\n").findIndex((line) => line.includes("event.message.text = "));

interface DevToolsMessage {
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: as the protocol has it
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as the protocol has it
  readonly result?: any;
}

/** A debugger that speaks the DevTools protocol with the threads of a process. */
class TestDebugger {
  readonly ofThreads = new Inbox<DevToolsMessage>("messages of threads");
  readonly #socket: WebSocket;
  readonly #threads = new Inbox<string>("threads");
  #id = 0;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    onTestFinished(() => this.#socket.terminate());
    this.#socket.on("message", (data) => this.#take(JSON.parse(String(data))));
  }

  async attach(): Promise<void> {
    await new Promise((resolve) => this.#socket.once("open", resolve));
    this.#send("NodeWorker.enable", { waitForDebuggerOnStart: false });
  }

  /** Tells every thread, present and future ones. */
  tell(method: string, params: object = {}): void {
    for (const sessionId of this.#threads.items) this.#tellOne(sessionId, method, params);
  }

  #take({ method, params }: DevToolsMessage): void {
    if (method === "NodeWorker.attachedToWorker") {
      this.#threads.push(params.sessionId);
      this.#tellOne(params.sessionId, "Debugger.enable", {});
    }
    if (method === "NodeWorker.receivedMessageFromWorker") {
      this.ofThreads.push(JSON.parse(params.message));
    }
  }

  #tellOne(sessionId: string, method: string, params: object): void {
    this.#id += 1;
    const message = JSON.stringify({ id: this.#id, method, params });
    this.#send("NodeWorker.sendMessageToWorker", { sessionId, message });
  }

  #send(method: string, params: object): void {
    this.#id += 1;
    this.#socket.send(JSON.stringify({ id: this.#id, method, params }));
  }
}

/** The line of the code that runs which is that line of the author's file. */
function generatedLine(sourceMapUrl: string, file: string): number {
  const json = Buffer.from(sourceMapUrl.slice(sourceMapUrl.indexOf(",") + 1), "base64").toString();
  const map = new SourceMap(JSON.parse(json));
  for (let line = 0; line < 10_000; line += 1) {
    const entry = map.findEntry(line, 100);
    if (!("originalLine" in entry) || entry.generatedLine !== line) continue;
    if (entry.originalLine === LINE && entry.originalSource.endsWith(file)) return line;
  }
  throw new Error("the source map does not know that line");
}

test("a breakpoint in a function's file holds, and no deadline ends a run that somebody looks at", async () => {
  const functions = await functionsDirectory({ "shout.ts": CODE });
  const environment = {
    ...process.env,
    ANYWIRE_FUNCTIONS_DIRECTORY: functions.path,
    ANYWIRE_FUNCTIONS_BEFORE_DEADLINE_MS: "1",
  };
  const options = ["--inspect", "0"];
  const server = await startServerProcess("dev", await temporaryDirectory(), environment, options);
  const devtools = new TestDebugger(server.inspector ?? "");
  await devtools.attach();
  const { params: script } = await devtools.ofThreads.find(
    ({ method, params }) =>
      method === "Debugger.scriptParsed" &&
      params.url.includes("shout") &&
      params.sourceMapURL !== "",
    "the function's script",
  );
  const lineNumber = generatedLine(script.sourceMapURL, "shout.ts");
  devtools.tell("Debugger.setBreakpointByUrl", { url: script.url, lineNumber });
  await devtools.ofThreads.find(({ result }) => result?.locations?.length > 0, "the place");
  const { token } = await (
    await fetch(`${server.url}/dev/token`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url },
      body: JSON.stringify({ account: "bob" }),
    })
  ).json();
  const path = "/v1/channels/production.group.lobby/messages";
  const sent = callHttp(server, token, "POST", path, { text: "hello" });
  const { params: paused } = await devtools.ofThreads.find(
    ({ method }) => method === "Debugger.paused",
    "the breakpoint",
  );
  expect(paused.callFrames[0].location).toMatchObject({ lineNumber });
  devtools.tell("Debugger.resume");
  expect(await sent).toMatchObject({ status: 201 });
  const { body } = await callHttp(server, token, "GET", path.replace("messages", "entries"));
  expect(body.entries).toMatchObject([{ data: { text: "HELLO" } }]);
});
