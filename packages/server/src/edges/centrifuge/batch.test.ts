import { once } from "node:events";
import type { Writable } from "node:stream";
import { Broadcast } from "@anywire/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as ws from "ws";
import { Batch } from "./batch.ts";
import { anyBroadcast, entryOf } from "./broadcasts.fixture.ts";
import { jsonCodec } from "./json-codec.ts";
import { protobufCodec } from "./protobuf-codec.ts";
import type { Codec, Message } from "./protocol.ts";

/** The reader of frames in `ws`, whose types do not name it. */
const { Receiver } = ws as unknown as {
  readonly Receiver: new (options: { maxPayload: number }) => Writable;
};

const CODECS: readonly Codec[] = [jsonCodec, protobufCodec];

async function readFrame(frame: Buffer): Promise<{ payload: Buffer; isBinary: boolean }> {
  const receiver = new Receiver({ maxPayload: 0 });
  const message = once(receiver, "message");
  receiver.write(frame);
  const [payload, isBinary] = await message;
  return { payload, isBinary };
}

function join(codec: Codec, messages: readonly Message[]): string {
  if (codec.name === "json") return Buffer.from(messages.join("\n")).toString("hex");
  return messages.map((message) => Buffer.from(message as Uint8Array).toString("hex")).join("");
}

/** A connection's batch, beside what it should hold. */
class Person {
  batch: Batch;
  readonly told: Message[] = [];
  /** Equal for two people exactly when they were told the same. */
  history = "";

  constructor(empty: Batch) {
    this.batch = empty;
  }

  tell(batch: Batch, message: Message, what: string): void {
    this.batch = batch;
    this.told.push(message);
    this.history += `${what};`;
  }
}

const who = fc.nat({ max: 3 });
const step = fc.oneof(
  fc.record({ to: fc.uniqueArray(who), which: who }),
  fc.record({ to: fc.tuple(who), ownId: fc.integer({ min: 1, max: 3 }) }),
);
type Step =
  | { readonly to: readonly number[]; readonly which: number }
  | { readonly to: readonly number[]; readonly ownId: number };

/** What four connections are told. A broadcast goes to all who are to have it, one after the other. */
function play(codec: Codec, broadcasts: readonly Broadcast[], steps: readonly Step[]): Person[] {
  const empty = Batch.empty(codec);
  const people = [0, 1, 2, 3].map(() => new Person(empty));
  for (const [i, next] of steps.entries()) {
    for (const person of next.to.map((index) => people[index] as Person)) {
      if ("ownId" in next) {
        const message = codec.reply(next.ownId, "ping", {});
        person.tell(person.batch.withOwn(message), message, `own ${i}`);
      } else {
        const broadcast = broadcasts[next.which] as Broadcast;
        person.tell(person.batch.with(broadcast), codec.broadcast(broadcast), `all ${i}`);
      }
    }
  }
  return people;
}

const fourBroadcasts = fc.array(anyBroadcast, { minLength: 4, maxLength: 4 });

test.each(CODECS)("$name: a connection's payload is what it was told, in that order", (codec) => {
  fc.assert(
    fc.property(fourBroadcasts, fc.array(step), (broadcasts, steps) => {
      for (const { batch, told } of play(codec, broadcasts, steps)) {
        expect(batch.payload.toString("hex")).toBe(join(codec, told));
        expect(batch.isEmpty).toBe(told.length === 0);
      }
    }),
  );
});

test.each(CODECS)("$name: connections that were told the same share their bytes", (codec) => {
  fc.assert(
    fc.property(fourBroadcasts, fc.array(step), (broadcasts, steps) => {
      const people = play(codec, broadcasts, steps);
      for (const { batch, history } of people) {
        for (const equal of people.filter((other) => other.history === history)) {
          expect(equal.batch.payload).toBe(batch.payload);
          expect(equal.batch.frame).toBe(batch.frame);
        }
      }
    }),
  );
});

/** Lengths of payloads around each change of the header's form, and the header's bytes. */
const HEADERS = [
  [1, 2],
  [125, 2],
  [126, 4],
  [65_535, 4],
  [65_536, 10],
  [200_000, 10],
] as const;

test.each(CODECS)(
  "$name: frames have the shortest header there is and are read back as they were",
  async (codec) => {
    for (const [length, headerBytes] of HEADERS) {
      const message = codec.name === "json" ? "x".repeat(length) : new Uint8Array(length).fill(7);
      const { frame, payload } = Batch.empty(codec).withOwn(message);
      expect([payload.length, frame.length - payload.length]).toEqual([length, headerBytes]);
      const read = await readFrame(frame);
      expect(read.payload.equals(payload)).toBe(true);
      expect(read.isBinary).toBe(codec.name === "protobuf");
    }
  },
);

test("a frame without messages is a frame without a payload", async () => {
  const empty = Batch.empty(jsonCodec);
  expect(empty.isEmpty).toBe(true);
  expect((await readFrame(empty.frame)).payload.length).toBe(0);
});

test("text of several bytes a character is framed by its bytes", async () => {
  const text = "😀".repeat(40);
  const { frame } = Batch.empty(jsonCodec).withOwn(text);
  expect((await readFrame(frame)).payload.toString("utf8")).toBe(text);
});

test("a broadcast is encoded once for each encoding, however many connections and turns there are", () => {
  for (const codec of CODECS) {
    const broadcast = new Broadcast("p.group.lobby", { type: "entry", entry: entryOf() });
    const [one, other] = [Batch.empty(codec), Batch.empty(codec)];
    one.with(broadcast);
    const encoded = codec.broadcast(broadcast);
    other.with(broadcast);
    expect(codec.broadcast(broadcast)).toBe(encoded);
  }
});

test("several broadcasts make the same frame as one after the other, shared by all with that list", () => {
  for (const codec of CODECS) {
    const list = [1, 2, 3].map(
      () => new Broadcast("p.group.lobby", { type: "entry", entry: entryOf() }),
    );
    const empty = Batch.empty(codec);
    const all = empty.withAll(list);
    expect(empty.withAll(list)).toBe(all);
    const oneByOne = list.reduce((batch, broadcast) => batch.with(broadcast), Batch.empty(codec));
    expect(all.payload).toEqual(oneByOne.payload);
    expect(empty.withAll([...list])).not.toBe(all);
  }
});

test("what was begun is let go of at the end of the turn", () => {
  const broadcast = new Broadcast("p.group.lobby", { type: "entry", entry: entryOf() });
  const empty = Batch.empty(jsonCodec);
  const first = empty.with(broadcast);
  expect(empty.with(broadcast)).toBe(first);
  empty.forget();
  expect(empty.with(broadcast)).not.toBe(first);
});

test("a batch is full when it is larger than its limit, and so is all that follows", () => {
  const five = Batch.empty(jsonCodec, 7).withOwn("12345");
  expect(five.isFull).toBe(false);
  expect(five.withOwn("12").isFull).toBe(false);
  expect(five.withOwn("123").isFull).toBe(true);
  expect(five.withOwn("123").withOwn("").isFull).toBe(true);
  expect(five.empty.isFull).toBe(false);
});
