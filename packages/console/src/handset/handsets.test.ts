import { AnywireError, type HandsetMessageView, type HandsetNetwork } from "@anywire/types";
import { expect, test, vi } from "vitest";
import type { HandsetApi, HandsetListener } from "./handset-api.ts";
import { Handsets, keyOf } from "./handsets.ts";

const SMS = { id: "sms", network: "sms", displayName: "SMS" } as HandsetNetwork;
const ANN = { network: "sms", person: "+447700900123" };

/** A server whose answers a test gives one by one. */
function createServer() {
  const asked: string[] = [];
  let listener: HandsetListener | undefined;
  let texts: readonly string[] = [];
  let networks = async () => ({ isStarting: false, networks: [SMS] });
  let gate: Promise<void> = Promise.resolve();
  const viewed = (): HandsetMessageView[] => texts.map((text) => ({ id: text, text }) as never);
  const api = {
    networks: () => networks(),
    async persons(network: string) {
      asked.push(`persons ${network}`);
      return { persons: [{ person: ANN.person, unread: texts.length, last: null }] };
    },
    async messages(_network: string, person: string) {
      asked.push(`messages ${person}`);
      const found = viewed();
      await gate;
      return { messages: found };
    },
    listen(given: HandsetListener) {
      listener = given;
      return () => {
        listener = undefined;
      };
    },
  } as unknown as HandsetApi;
  return {
    api,
    asked,
    open: () => listener?.onOpen(),
    lose: () => listener?.onLost(),
    say(...now: string[]) {
      texts = now;
      listener?.onEvent({ type: "person", ...ANN });
    },
    /** Nobody hears of it. */
    sayUnheard(...now: string[]) {
      texts = now;
    },
    changeNetworks: () => listener?.onEvent({ type: "networks" }),
    answerNetworks: (next: typeof networks) => {
      networks = next;
    },
    holdBack: (until: Promise<void>) => {
      gate = until;
    },
    isHeard: () => listener !== undefined,
  };
}

function textsOf(handsets: Handsets): string[] | undefined {
  return handsets
    .getState()
    .messages.get(keyOf(ANN))
    ?.map(({ text }) => text);
}

test("what is watched is read when it changes, and nothing else", async () => {
  const server = createServer();
  const handsets = new Handsets(server.api);
  const stop = handsets.follow();
  server.open();
  await vi.waitFor(() =>
    expect(handsets.getState()).toMatchObject({ phase: "open", isLive: true }),
  );
  server.say("hello");
  await vi.waitFor(() => expect(handsets.getState().persons.get("sms")?.[0]?.unread).toBe(1));
  expect(server.asked.some((what) => what.startsWith("messages"))).toBe(false);

  const unwatch = handsets.watch(ANN);
  await vi.waitFor(() => expect(textsOf(handsets)).toEqual(["hello"]));
  server.say("hello", "again");
  await vi.waitFor(() => expect(textsOf(handsets)).toEqual(["hello", "again"]));
  unwatch();
  expect(textsOf(handsets)).toBeUndefined();
  stop();
  expect(server.isHeard()).toBe(false);
});

test("what changes while it is read is read once more, however often it changed", async () => {
  const server = createServer();
  const handsets = new Handsets(server.api);
  handsets.follow();
  server.open();
  await vi.waitFor(() => expect(handsets.getState().phase).toBe("open"));
  const gate = Promise.withResolvers<void>();
  server.holdBack(gate.promise);
  handsets.watch(ANN);
  for (const count of [1, 2, 3]) server.say(...Array(count).fill("hi"));
  gate.resolve();
  await vi.waitFor(() => expect(textsOf(handsets)).toEqual(["hi", "hi", "hi"]));
  expect(server.asked.filter((what) => what.startsWith("messages"))).toHaveLength(2);
});

test("after a lost connection everything is read again", async () => {
  const server = createServer();
  const handsets = new Handsets(server.api);
  handsets.follow();
  handsets.watch(ANN);
  server.open();
  await vi.waitFor(() => expect(textsOf(handsets)).toEqual([]));
  server.lose();
  expect(handsets.getState()).toMatchObject({ phase: "open", isLive: false });
  server.sayUnheard("missed");
  server.open();
  await vi.waitFor(() => expect(textsOf(handsets)).toEqual(["missed"]));
});

test("networks that are on their way are waited for", async () => {
  const server = createServer();
  server.answerNetworks(async () => ({ isStarting: true, networks: [] }));
  const handsets = new Handsets(server.api);
  handsets.follow();
  server.open();
  await vi.waitFor(() => expect(handsets.getState().phase).toBe("starting"));
  server.answerNetworks(async () => ({ isStarting: false, networks: [SMS] }));
  server.changeNetworks();
  await vi.waitFor(() =>
    expect(handsets.getState()).toMatchObject({ phase: "open", networks: [SMS] }),
  );
});

test.each([
  ["not_found", "absent"],
  ["permission_denied", "absent"],
  ["unavailable", "failed"],
] as const)("a server that answers %s is %s", async (code, phase) => {
  const server = createServer();
  server.answerNetworks(async () => {
    throw new AnywireError(code, "no");
  });
  const handsets = new Handsets(server.api);
  handsets.follow();
  server.lose();
  await vi.waitFor(() => expect(handsets.getState()).toMatchObject({ phase, reason: "no" }));
});

/** Symptom: a page that was loaded again asked for somebody on a network that is gone, and was told 404 each time. */
test("nobody is asked for on a network that is not there, until it is", async () => {
  const server = createServer();
  server.answerNetworks(async () => ({ isStarting: false, networks: [] }));
  const handsets = new Handsets(server.api);
  handsets.follow();
  server.open();
  await vi.waitFor(() => expect(handsets.getState().phase).toBe("open"));
  handsets.watch(ANN);
  server.answerNetworks(async () => ({ isStarting: false, networks: [SMS] }));
  expect(server.asked).toEqual([]);
  server.sayUnheard("hello");
  server.changeNetworks();
  await vi.waitFor(() => expect(textsOf(handsets)).toEqual(["hello"]));
});
