import { describe, expect, it } from "vitest";
import type { NatsLink } from "./nats-link.ts";
import { PresenceEvents } from "./nats-presence-events.ts";

const ROOM = "production.group.room";
const WRITER = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-2222-4222-8222-222222222222";

type Callback = (error: Error | null, message: unknown) => void;

/** A link whose server says what a test wants, in the order and at the moment that it wants. */
class ScriptedLink {
  readonly prefix = "t";
  isConnected = true;
  readonly #callbacks = new Set<Callback>();
  readonly connection = {
    subscribe: (_subject: string, { callback }: { callback: Callback }) => {
      this.#callbacks.add(callback);
      return { unsubscribe: () => void this.#callbacks.delete(callback) };
    },
    flush: async () => {},
  };

  say(writer: string, n: number, sequence: number): void {
    const record = { type: "join", client: `c-${n}`, user: "ann", node: `${writer}_1`, n };
    const data = new TextEncoder().encode(JSON.stringify(record));
    const headers = new Map([["Nats-Sequence", String(sequence)]]);
    const message = { subject: `t.presence.${ROOM}`, data, headers };
    for (const callback of this.#callbacks) callback(null, message);
  }
}

async function listen() {
  const link = new ScriptedLink();
  const events = new PresenceEvents(link as unknown as NatsLink, WRITER);
  const heard: string[] = [];
  const listening = events.watch({
    onEvent: ({ member }) => void heard.push(member.client),
    onMissed: () => void heard.push("missed"),
  });
  const end = await listening.follow(ROOM);
  return { link, events, heard, end };
}

describe("PresenceEvents", () => {
  it("tells of a cut before it tells of what came after, even before the link knows that it is over", async () => {
    const { link, events, heard } = await listen();
    link.say(OTHER, 1, 10);
    link.isConnected = false;
    link.say(OTHER, 2, 11);
    link.say(OTHER, 3, 12);
    link.isConnected = true;
    events.reconnected();
    link.say(OTHER, 4, 13);
    expect(heard).toEqual(["c-1", "missed", "c-2", "c-3", "c-4"]);
    // The next cut is another one.
    events.reconnected();
    expect(heard.at(-1)).toBe("missed");
  });

  it("tells that something may have been lost when the server begins to count anew", async () => {
    const { link, heard } = await listen();
    link.say(OTHER, 1, 10);
    link.say(OTHER, 2, 1);
    link.say(OTHER, 3, 2);
    expect(heard).toEqual(["c-1", "missed", "c-2", "c-3"]);
  });

  it("lets a write go on once it was told of here, whoever else is told of meanwhile", async () => {
    const { link, events, heard } = await listen();
    const told = events.hasTold(ROOM, 2).then(() => heard.push("told"));
    link.say(WRITER, 1, 1);
    link.say(OTHER, 2, 2);
    await Promise.resolve();
    expect(heard).toEqual(["c-1", "c-2"]);
    link.say(WRITER, 2, 3);
    await told;
    expect(heard).toEqual(["c-1", "c-2", "c-2", "told"]);
    await events.hasTold(ROOM, 2);
  });

  it("lets a write go on that nobody here follows, or not any more", async () => {
    const { events, end } = await listen();
    await events.hasTold("production.group.hall", 1);
    const told = events.hasTold(ROOM, 1);
    end();
    await told;
  });
});
