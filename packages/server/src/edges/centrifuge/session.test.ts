import {
  type Access,
  AccountPresences,
  type ChannelFeed,
  type Grant,
  Hub,
  type LogEntry,
  type Operations,
  type Pipeline,
} from "@anywire/core";
import {
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryLogBackend,
} from "@anywire/engines/memory";
import { AnywireError, type TokenClaims } from "@anywire/types";
import { expect, onTestFinished, test, vi } from "vitest";
import { configSchema } from "../../config/config.ts";
import type { Logger } from "../../logging.ts";
import { Edge } from "./edge.ts";
import { jsonCodec } from "./json-codec.ts";
import type { Session } from "./session.ts";
import type { Transport } from "./transport.ts";

const LOBBY = "p.group.lobby";
const BOB = { platform: "p", accountId: "bob" };
const ALLOWED: Grant = { visibleAfter: 0, role: null };
const NO_FEED: ChannelFeed = {
  open: async () => 0,
  close() {},
  read: async () => ({ entries: [], hasMore: false }),
};

/** An edge on memory drivers, whose tokens and permissions a test can hold up. */
async function setUp(feed = NO_FEED) {
  const backend = new MemoryLogBackend();
  const [log, state, presence] = [
    createMemoryLog(backend),
    createMemoryState(backend),
    createMemoryPresence(),
  ];
  await Promise.all([log.start(), state.start(), presence.start()]);
  const { socket, limits, recovery, presence: bounds } = configSchema.parse({});
  const hub = new Hub({ log, presence, feed, ...recovery, ...bounds });
  const logger = { debug() {}, error() {}, warn: vi.fn() };
  const onError = logger.warn;
  const accountPresences = new AccountPresences({ presence, log, state, graceMs: 0, onError });
  const verify = vi.fn(async () => ({ sub: "bob", platform: "p" }) as TokenClaims);
  const assertMaySubscribe = vi.fn<Access["assertMaySubscribe"]>(() => ALLOWED);
  const edge = new Edge({
    ...{ hub, log, presence, accountPresences, socket, limits, version: "test" },
    access: {
      assertMaySubscribe,
      assertMayStay: assertMaySubscribe,
      assertMay: assertMaySubscribe as Access["assertMay"],
    },
    operations: new Map() as Operations,
    waitFor: async (request) => request,
    pipeline: {} as Pipeline,
    verifier: { verify, verifySubscription: () => Promise.reject(new Error("for a test")) },
    logger: logger as unknown as Logger,
  });
  hub.start();
  onTestFinished(() => edge.close());
  const written: string[] = [];
  const transport: Transport = {
    name: "websocket",
    isEmulated: false,
    write: (batch) => {
      written.push(String(batch.payload));
      return true;
    },
    pause() {},
    resume() {},
    close() {},
    terminate() {},
  };
  const session = edge.open(jsonCodec, transport) as Session;
  const receive = (...commands: object[]): void =>
    session.receive(Buffer.from(commands.map((command) => JSON.stringify(command)).join("\n")));
  const connect = async (): Promise<void> => {
    receive({ id: 1, connect: {} });
    await vi.waitFor(() => expect(written.join()).toContain('"connect"'));
  };
  return {
    log,
    logger,
    hub,
    presence,
    accountPresences,
    session,
    written,
    verify,
    assertMaySubscribe,
    receive,
    connect,
  };
}

/** An answer that a test gives when it wants to. */
function answerLater<T>(): { readonly answer: Promise<T>; readonly give: (value: T) => void } {
  let give: (value: T) => void = () => {};
  const answer = new Promise<T>((resolve) => {
    give = resolve;
  });
  return { answer, give };
}

/** Lets what is under way be done. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("a connection that ends while its token is checked leaves nothing behind", async () => {
  // It was counted as online, and its subscription kept, for as long as the server ran.
  const { hub, accountPresences, session, verify, receive } = await setUp();
  const { answer, give } = answerLater<TokenClaims>();
  verify.mockReturnValueOnce(answer);
  receive({ id: 1, connect: {} });
  session.closed();
  give({ sub: "bob", platform: "p" } as TokenClaims);
  await settle();
  expect((await accountPresences.of("p", [BOB.accountId]))[0]?.status).toBe("offline");
  expect(hub.stats().subscriptions).toBe(0);
});

test("a connection that ends while it is asked whether it may subscribe leaves nothing behind", async () => {
  // Its subscription and its place among the members outlived it.
  const { hub, presence, session, assertMaySubscribe, receive, connect } = await setUp();
  await connect();
  const { answer, give } = answerLater<Grant>();
  assertMaySubscribe.mockReturnValueOnce(answer);
  receive({ id: 2, subscribe: { channel: LOBBY } });
  session.closed();
  give(ALLOWED);
  await settle();
  expect(hub.stats().subscriptions).toBe(0);
  expect(await presence.members(LOBBY, 10)).toEqual([]);
});

test("who unsubscribes while it is asked whether it may subscribe is not subscribed", async () => {
  // The subscription was made behind the client's back, and the next one was refused for ever.
  const { hub, written, assertMaySubscribe, receive, connect } = await setUp();
  await connect();
  const [first, second] = [answerLater<Grant>(), answerLater<Grant>()];
  assertMaySubscribe.mockReturnValueOnce(first.answer).mockReturnValueOnce(second.answer);
  receive({ id: 2, subscribe: { channel: LOBBY } }, { id: 3, unsubscribe: { channel: LOBBY } });
  receive({ id: 4, subscribe: { channel: LOBBY, join_leave: true } });
  first.give(ALLOWED);
  await settle();
  second.give(ALLOWED);
  await settle();
  const replies = written.flatMap((frame) => frame.split("\n")).map((line) => JSON.parse(line));
  expect(replies.find(({ id }) => id === 4)).toHaveProperty("subscribe");
  expect(replies.find(({ id }) => id === 2)).toHaveProperty("error");
  expect(hub.stats().subscriptions).toBe(2);
});

test("who waits for room to recover in, and may not subscribe any more, is refused", async () => {
  // It was asked before it waited, and whoever lost access meanwhile got in.
  const { hub, session, written, presence, assertMaySubscribe, receive, connect } = await setUp();
  await connect();
  session.isFull = true;
  receive({ id: 2, subscribe: { channel: LOBBY, recover: true } });
  await settle();
  assertMaySubscribe.mockImplementation(() => {
    throw new AnywireError("permission_denied", "for a test");
  });
  session.drained();
  await settle();
  expect(written.join()).toContain('"id":2,"error"');
  expect(hub.isWatched(LOBBY)).toBe(false);
  expect(await presence.members(LOBBY, 10)).toEqual([]);
});

test("who waits to be told that it may not recover keeps nobody from recovering", async () => {
  // In a cluster a refusal waits for the state; each that came back held up everything that the connection read.
  const { written, assertMaySubscribe, receive, connect } = await setUp();
  await connect();
  assertMaySubscribe.mockReturnValueOnce(new Promise(() => {}));
  receive({ id: 2, subscribe: { channel: "p.group.left", recover: true } });
  receive({ id: 3, subscribe: { channel: LOBBY, recover: true } });
  await settle();
  expect(written.join()).toContain('"id":3,"subscribe"');
});

test("whom presence cannot take in is subscribed all the same, and gets what is said", async () => {
  // It was told that it was subscribed, and then never got anything.
  const { hub, presence, written, receive, connect, log, logger } = await setUp();
  await connect();
  vi.spyOn(presence, "join").mockRejectedValueOnce(new Error("for a test"));
  receive({ id: 2, subscribe: { channel: LOBBY } });
  await settle();
  await log.append({
    channel: LOBBY,
    id: "1",
    kind: "data",
    sender: "account:ann",
    dataJson: '"hello"',
  });
  await settle();
  expect(hub.isWatched(LOBBY)).toBe(true);
  expect(written.join()).toContain("hello");
  expect(written.join()).not.toContain("error");
  expect(logger.warn).toHaveBeenCalledOnce();
});

test("who comes while a connection still catches up elsewhere is not missed", async () => {
  // It was told that it is subscribed and asked who is there, but counted as not begun until it was its turn.
  const { log, presence, written, receive, connect } = await setUp();
  const old = "p.group.old";
  const draft = { kind: "data", sender: "account:ann", dataJson: "1" } as const;
  // More than comes with the answer.
  for (let i = 0; i < 600; i += 1) {
    for (const channel of [old, LOBBY]) await log.append({ ...draft, channel, id: `${i}` });
  }
  await connect();
  const read = log.read.bind(log);
  const { answer, give } = answerLater<void>();
  const reads = vi.spyOn(log, "read");
  reads.mockImplementation(async (query) => {
    if (query.pattern === old && query.after !== 0) await answer;
    return read(query);
  });
  const position = { recover: true, offset: 0, epoch: log.epoch };
  receive({ id: 2, subscribe: { channel: old, ...position } });
  await vi.waitFor(() => expect(reads).toHaveBeenCalledTimes(2));
  receive({ id: 3, subscribe: { channel: LOBBY, join_leave: true, ...position } });
  await vi.waitFor(() => expect(written.join()).toContain('"id":3,"subscribe"'));
  await presence.join(LOBBY, { client: "c", user: "ann" });
  give();
  await vi.waitFor(() => expect(written.join()).toContain("insufficient state"));
});

test("a device comes back and stays while what its account missed can't be read, and gets it then", async () => {
  // While the state store hung, it was sent away for it, came back to the same, and could say nothing for as long.
  const entry: LogEntry = {
    ...{ channel: "p.notification.bob", id: "e", kind: "data", sender: "account:ann", at: 1 },
    ...{ offset: 7, previousOffset: 0, timetoken: "1", dataJson: '{"event":"missed"}' },
  };
  const read = vi.fn<ChannelFeed["read"]>(async () => ({ entries: [entry], hasMore: false }));
  const { log, session, written, receive, logger } = await setUp({
    ...NO_FEED,
    open: async () => 10,
    read,
  });
  const away = new AnywireError("unavailable", "for a test");
  for (let i = 0; i < 3; i += 1) read.mockRejectedValueOnce(away);
  const position = { recover: true, offset: 5, epoch: log.epoch };
  receive({ id: 1, connect: { subs: { "p.notification.bob": position } } });
  await settle();
  expect(written.join()).toContain('"recovered":true');
  expect(session).toMatchObject({ isConnected: true, isClosed: false });
  await vi.waitFor(() => expect(written.join()).toContain("missed"), 5_000);
  // Once for the answer, which is not a thing to complain of.
  expect(logger.warn).toHaveBeenCalledTimes(2);
  expect(session.isClosed).toBe(false);
});

test("what is said on a channel comes while what the account missed is still being read", async () => {
  // Whoever came back while the state store hung was subscribed, and heard nothing.
  const { answer, give } = answerLater<Awaited<ReturnType<ChannelFeed["read"]>>>();
  const { log, written, receive } = await setUp({
    ...NO_FEED,
    open: async () => 10,
    read: () => answer,
  });
  const position = { recover: true, offset: 5, epoch: log.epoch };
  receive({ id: 1, connect: { subs: { "p.notification.bob": position } } });
  await vi.waitFor(() => expect(written.join()).toContain('"connect"'), 5_000);
  receive({ id: 2, subscribe: { channel: LOBBY } });
  await settle();
  const draft = { channel: LOBBY, id: "1", kind: "data", sender: "account:ann" } as const;
  await log.append({ ...draft, dataJson: '"hello"' });
  await settle();
  expect(written.join()).toContain("hello");
  give({ entries: [], hasMore: false });
});

test.each([
  ["unavailable", 2500],
  ["permission_denied", 2000],
] as const)(
  "a review of access that ends with %s ends a subscription with %i",
  async (code, unsubscribed) => {
    // Whatever went wrong, the client took it for the last word and stayed out.
    const { written, assertMaySubscribe, receive, connect } = await setUp();
    await connect();
    receive({ id: 2, subscribe: { channel: LOBBY } });
    await settle();
    assertMaySubscribe.mockImplementation((_, channel) =>
      channel === LOBBY ? Promise.reject(new AnywireError(code, "for a test")) : ALLOWED,
    );
    receive({ id: 3, refresh: { token: "t" } });
    await settle();
    expect(written.join()).toContain(`"unsubscribe":{"code":${unsubscribed}`);
  },
);
