import { expect, test } from "vitest";
import type { ChannelStatus } from "./channel.ts";
import { type ClientOptions, type ConnectionStatus, createClient } from "./client.ts";

const LOBBY = "production.group.lobby";
const DAY_S = 24 * 60 * 60;
const startedAt = Date.now();

test("a message is sent again under its id when the connection drops before the answer", async () => {
  const ids: string[] = [];
  const client = clientOf((command, socket) => {
    ids.push(command.rpc?.data.id ?? "");
    if (ids.length === 1) return socket.close();
    socket.answer(command, { rpc: { data: { id: command.rpc?.data.id, offset: 1 } } });
  });
  client.connect();
  const sent = await client.channel(LOBBY).send("hello");
  expect(ids).toHaveLength(2);
  expect(new Set(ids)).toEqual(new Set([sent.id]));
  client.disconnect();
});

test("a message that the server refuses is refused once, with its reason", async () => {
  let requests = 0;
  const client = clientOf((command, socket) => {
    requests += 1;
    socket.push({ id: command.id, error: { code: 103, message: "not your channel" } });
  });
  client.connect();
  const sending = client.channel(LOBBY).send({ text: "hello", id: "mine" });
  await expect(sending).rejects.toMatchObject({
    code: "permission_denied",
    message: "not your channel",
  });
  expect(requests).toBe(1);
  client.disconnect();
});

test("a message of a client that is disconnected is refused at once", async () => {
  const client = clientOf();
  await expect(client.channel(LOBBY).send("hello")).rejects.toMatchObject({ code: "unavailable" });
});

test("disconnecting ends the wait of a message for the connection", async () => {
  const client = clientOf((_, socket) => socket.close());
  client.connect();
  const sending = client.channel(LOBBY).send("hello");
  await next(client, ({ state }) => state === "connected");
  await next(client, ({ state }) => state === "connecting");
  client.disconnect();
  await expect(sending).rejects.toMatchObject({ code: "unavailable" });
});

test("a session knows its account and platform once connected", async () => {
  const client = clientOf();
  expect(client.account).toBeUndefined();
  client.connect();
  await expect(client.ready()).resolves.toMatchObject({ account: "bob", platform: "production" });
  expect([client.account, client.platform, client.state]).toEqual([
    "bob",
    "production",
    "connected",
  ]);
  client.disconnect();
});

test("a token with more than a day left connects as it is", async () => {
  const client = clientOf(undefined, { token: tokenFor(2 * DAY_S), getToken: async () => "new" });
  client.connect();
  await client.ready();
  expect(tokens).toEqual([tokenFor(2 * DAY_S)]);
  client.disconnect();
});

test("a token with a day or less left is renewed before every connection", async () => {
  const fresh = [tokenFor(DAY_S), tokenFor(2 * DAY_S)];
  const getToken = async (): Promise<string> => fresh.shift() ?? "none left";
  const client = clientOf(undefined, { token: tokenFor(60), getToken });
  client.connect();
  await client.ready();
  last?.close();
  await next(client, ({ state }) => state === "connected");
  last?.close();
  await next(client, ({ state }) => state === "connected");
  expect(tokens).toEqual([tokenFor(DAY_S), tokenFor(2 * DAY_S), tokenFor(2 * DAY_S)]);
  client.disconnect();
});

test("failed attempts are counted until there is a connection", async () => {
  refusals = 2;
  const client = clientOf();
  const counts: number[] = [];
  client.on("state", ({ failedAttempts }) => counts.push(failedAttempts));
  client.connect();
  await next(client, ({ state }) => state === "connected");
  expect(counts).toEqual([0, 1, 2, 0]);
  client.disconnect();
});

test("a session that the server refuses for good says why, and one that is closed does not", async () => {
  const client = clientOf();
  client.connect();
  await client.ready();
  const ended = next(client, ({ state }) => state === "disconnected");
  last?.onclose?.({ code: 3500, reason: "invalid token" });
  expect((await ended).error).toMatchObject({ code: "unauthenticated", message: "invalid token" });
  client.connect();
  await client.ready();
  const closed = next(client, ({ state }) => state === "disconnected");
  client.disconnect();
  expect(await closed).toEqual({ state: "disconnected", failedAttempts: 0 });
});

test("what was missed is handed over in order, and then where it began is told", async () => {
  const client = clientOf();
  const lobby = client.channel(LOBBY);
  const seen: unknown[] = [];
  lobby.on("message", ({ data }) => seen.push(data.text));
  const recovered = new Promise((resolve) => lobby.on("recovered", resolve));
  lobby.subscribe();
  client.connect();
  await lobby.ready();
  last?.push({ push: { channel: LOBBY, pub: publication(4, "live") } });
  missed = [publication(6, "one"), publication(9, "two")];
  await new Promise((resolve) => lobby.on("message", resolve));
  last?.close();
  expect(await recovered).toEqual({ afterOffset: 4 });
  expect(seen).toEqual(["live", "one", "two"]);
  client.disconnect();
});

test("a return that proves nothing about what was missed says so", async () => {
  const client = clientOf();
  const lobby = client.channel(LOBBY);
  const subscribed: ChannelStatus[] = [];
  lobby.on("state", (status) => status.state === "subscribed" && subscribed.push(status));
  lobby.subscribe();
  client.connect();
  await lobby.ready();
  missed = "too much";
  last?.close();
  await next(client, ({ state }) => state === "connected");
  await lobby.ready();
  expect(subscribed.map(({ isContinuous }) => isContinuous)).toEqual([true, false]);
  client.disconnect();
});

test("a listener that throws harms neither the connection nor other listeners", async () => {
  const client = clientOf();
  const lobby = client.channel(LOBBY);
  const thrown = new Promise((resolve) => process.once("uncaughtException", resolve));
  lobby.on("message", () => {
    throw new Error("listener's own");
  });
  const heard = new Promise((resolve) => lobby.on("message", resolve));
  lobby.subscribe();
  client.connect();
  await lobby.ready();
  last?.push({ push: { channel: LOBBY, pub: publication(1, "one") } });
  expect(await heard).toMatchObject({ offset: 1 });
  expect(await thrown).toMatchObject({ message: "listener's own" });
  expect(client.state).toBe("connected");
  client.disconnect();
});

test("typing is told at most every two seconds between two messages, and never while not subscribed", async () => {
  const signals: unknown[] = [];
  const client = clientOf((command, socket) => {
    signals.push(command.rpc?.data);
    socket.answer(command, { rpc: { data: {} } });
  });
  const lobby = client.channel(LOBBY);
  lobby.typing();
  lobby.subscribe();
  client.connect();
  await lobby.ready();
  lobby.typing();
  lobby.typing();
  await lobby.send("hello");
  lobby.typing();
  await lobby.send("fence");
  const typing = { channel: LOBBY, kind: "typing" };
  expect(signals).toMatchObject([typing, { text: "hello" }, typing, { text: "fence" }]);
  client.disconnect();
});

test("a channel is one object under its name", () => {
  const client = clientOf();
  expect(client.channel(LOBBY)).toBe(client.channel(LOBBY));
});

test("whoever waits for a channel goes on waiting when somebody else wants to hear who comes and goes", async () => {
  // The wait ended with an error, since the subscription that it was for is another one then.
  const client = clientOf();
  const lobby = client.channel(LOBBY);
  lobby.subscribe();
  const ready = lobby.ready();
  client.channel(LOBBY, { joinLeave: true });
  client.connect();
  await expect(ready).resolves.toBeUndefined();
  client.disconnect();
});

test("a connection of another account says that nothing goes on from what was there", async () => {
  // What a store held of one account was taken for the other's.
  const getToken = async (): Promise<string> => "t";
  const client = clientOf(undefined, { getToken });
  const continuous: boolean[] = [];
  client.on("synced", ({ isContinuous }) => continuous.push(isContinuous));
  client.connect();
  await client.ready();
  for (const other of ["bob", "ann", "ann"]) {
    account = other;
    last?.close();
    await next(client, ({ state }) => state === "connected");
  }
  expect(continuous).toEqual([true, true, false, true]);
  client.disconnect();
});

interface Command {
  readonly id: number;
  readonly connect?: {
    readonly token: string;
    readonly subs?: Readonly<Record<string, { readonly recover: boolean }>>;
  };
  readonly subscribe?: { readonly channel: string; readonly recover?: boolean };
  readonly rpc?: { readonly method: string; readonly data: { readonly id?: string } };
}

type OnRpc = (command: Command, socket: ScriptedSocket) => void;

let last: ScriptedSocket | undefined;
let tokens: string[] = [];
let account = "bob";
let refusals = 0;
let missed: "too much" | ReturnType<typeof publication>[] = [];
let answerRpc: OnRpc | undefined;

/** A client whose server answers at once and in full, save the RPCs, which `onRpc` answers. */
function clientOf(onRpc?: OnRpc, options: Partial<ClientOptions> = {}) {
  answerRpc = onRpc;
  account = "bob";
  tokens = [];
  missed = [];
  return createClient({
    url: "http://localhost",
    token: "t",
    transports: ["websocket"],
    maxReconnectDelayMs: 1,
    WebSocket: ScriptedSocket,
    ...options,
  });
}

/** The far end of a WebSocket, in place of one: what can go wrong on a wire, at the moment the test wants it. */
class ScriptedSocket {
  onopen?: () => void;
  onclose?: (event: { code: number; reason?: string }) => void;
  onmessage?: (event: { data: string }) => void;

  constructor() {
    last = this;
    const isRefused = refusals > 0;
    if (isRefused) refusals -= 1;
    queueMicrotask(() => (isRefused ? this.close() : this.onopen?.()));
  }

  send(frame: string): void {
    for (const line of frame.split("\n").filter(Boolean)) {
      queueMicrotask(() => this.#handle(JSON.parse(line) as Command));
    }
  }

  close(): void {
    queueMicrotask(() => this.onclose?.({ code: 1006 }));
  }

  push(reply: object): void {
    this.onmessage?.({ data: JSON.stringify(reply) });
  }

  answer({ id }: Command, result: object): void {
    this.push({ id, ...result });
  }

  #handle(command: Command): void {
    if (command.connect !== undefined) {
      tokens.push(command.connect.token);
      const data = { account, platform: "production" };
      const own = `production.notification.${account}`;
      const subs = { [own]: subscribeResult(command.connect.subs?.[own]?.recover === true) };
      this.answer(command, { connect: { client: "c1", version: "1", data, subs } });
    } else if (command.subscribe !== undefined) {
      this.answer(command, { subscribe: subscribeResult(command.subscribe.recover === true) });
    } else if (command.rpc !== undefined) {
      answerRpc?.(command, this);
    }
  }
}

function subscribeResult(isRecovering: boolean): object {
  const result = { recoverable: true, positioned: true, epoch: "e1", offset: 0 };
  if (!isRecovering) return result;
  if (missed === "too much") return { ...result, was_recovering: true };
  return { ...result, was_recovering: true, recovered: true, publications: missed };
}

function publication(offset: number, text: string) {
  const tags = { id: `m${offset}`, kind: "message", at: "1700000000000" };
  return { offset, data: { text }, info: { user: "june", client: "c2" }, tags };
}

function next(
  client: ReturnType<typeof createClient>,
  matches: (status: ConnectionStatus) => boolean,
): Promise<ConnectionStatus> {
  return new Promise((resolve) => {
    const unlisten = client.on("state", (status) => {
      if (!matches(status)) return;
      unlisten();
      resolve(status);
    });
  });
}

function tokenFor(leftS: number): string {
  const exp = Math.floor(startedAt / 1000) + leftS;
  return `e30.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.signature`;
}
