import { DISCONNECTS } from "@anywire/types";
import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CLIENT_PROTO } from "../packages/server/src/edges/centrifuge/client-proto.ts";
import { startBystander } from "./support/bystander.ts";
import { command, mutated } from "./support/fuzz-arbitraries.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

/** The id of the ping that is sent last: its answer shows that the connection lives on. */
const LAST_ID = 4_000_000_000;
/** How a connection may end: in our own words, or in those of `ws` about the frame itself. */
const ENDINGS: readonly number[] = [
  ...Object.values(DISCONNECTS).map(({ code }) => code),
  1007,
  1009,
];

const { root } = protobuf.parse(CLIENT_PROTO, { keepCase: true });
const commandType = root.lookupType("Command");
const replyType = root.lookupType("Reply");

/** How commands look in an encoding, as far as fuzzing needs to know. */
interface Encoding {
  readonly name: string;
  readonly subprotocol: string;
  encode(command: Record<string, unknown>): Uint8Array;
  /** Ids and error codes of the replies in a frame. */
  decode(frame: Buffer): { readonly id?: number; readonly error?: { readonly code: number } }[];
}

const json: Encoding = {
  name: "JSON",
  subprotocol: "centrifuge-json",
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (frame) =>
    frame
      .toString()
      .split("\n")
      .map((line) => JSON.parse(line)),
};

const binary: Encoding = {
  name: "Protobuf",
  subprotocol: "centrifuge-protobuf",
  encode: (value) => commandType.encodeDelimited(commandType.fromObject(withBytes(value))).finish(),
  decode(frame) {
    const replies = [];
    const reader = protobuf.Reader.create(frame);
    while (reader.pos < reader.len) {
      replies.push(replyType.toObject(replyType.decodeDelimited(reader)));
    }
    return replies;
  },
};

/** What fits into the definition, with the data as bytes; what does not is left out. */
function withBytes(value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, params]) => {
    if (name === "id") return [name, Number.isInteger(params) ? Math.abs(Number(params)) : 0];
    return [name, fieldsOf(params)];
  });
  return Object.fromEntries(entries);
}

function fieldsOf(params: unknown): Record<string, unknown> {
  if (typeof params !== "object" || params === null) return {};
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === "data") fields[name] = Buffer.from(JSON.stringify(value));
    else fields[name] = value;
  }
  return fields;
}

/** Connects, sends the frames, and resolves when a ping after them is answered or the connection ended. */
async function survive(
  server: TestServer,
  token: string,
  { subprotocol, encode, decode }: Encoding,
  frames: readonly Uint8Array[],
): Promise<void> {
  const endpoint = `${server.url.replace("http", "ws")}/connection/websocket`;
  const socket = new WebSocket(endpoint, subprotocol);
  const errors: number[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send(encode({ id: 1, connect: { token } }));
      for (const frame of frames) socket.send(frame);
      socket.send(encode({ id: LAST_ID, ping: {} }));
    });
    socket.on("message", (frame: Buffer) => {
      const replies = decode(frame);
      for (const { error } of replies) if (error !== undefined) errors.push(error.code);
      if (replies.some(({ id }) => id === LAST_ID)) resolve();
    });
    socket.on("close", (code) => {
      if (ENDINGS.includes(code)) resolve();
      else reject(new Error(`closed with ${code}`));
    });
  });
  socket.terminate();
  // 100 would be an internal error.
  expect(errors).not.toContain(100);
}

describe.each([json, binary])("frames in $name", (encoding) => {
  const valid = command.map((value) => {
    try {
      return encoding.encode(value);
    } catch {
      return Buffer.alloc(0);
    }
  });
  it.each([
    ["of random bytes", fc.uint8Array({ maxLength: 300 })],
    ["of random commands", valid],
    ["of damaged commands", mutated(valid)],
  ])("%s never bring the server down, nor disturb anybody", async (_what, frame) => {
    const server = await startTestServer();
    const bystander = await startBystander(server);
    const token = await server.token("bob");
    const property = fc.asyncProperty(fc.array(frame, { maxLength: 8 }), async (frames) => {
      await survive(server, token, encoding, frames);
    });
    await fc.assert(property, { numRuns: 400, interruptAfterTimeLimit: 5000 });
    await bystander.assertUndisturbed();
  });
});
