import fc from "fast-check";
import { METHODS } from "../../packages/server/src/edges/centrifuge/protocol.ts";

const CHANNEL = "production.group.fuzz";
const message = { channel: CHANNEL, text: "hello" };

/** Values that fit each field of the commands, more or less. */
const FITTING: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  channel: fc.constantFrom(
    CHANNEL,
    "production.sms.*",
    "production.>",
    "production.notification.bob",
    "staging.group.fuzz",
  ),
  token: fc.constantFrom("", "e30.e30.e30"),
  data: fc.constantFrom<unknown>(
    message,
    { ...message, id: "1" },
    { channel: CHANNEL, kind: "typing" },
    { method: "message.send", data: message },
    "hello",
    1,
  ),
  method: fc.constantFrom("message.send", "signal.send", "nothing"),
  recover: fc.boolean(),
  offset: fc.integer({ min: -1, max: 3 }),
  epoch: fc.constantFrom("", "another"),
  since: fc.record({ offset: fc.integer({ min: -1, max: 3 }), epoch: fc.constant("") }),
  limit: fc.integer({ min: -1, max: 3 }),
  reverse: fc.boolean(),
  subs: fc.constant({ "production.notification.bob": { recover: true, offset: 1, epoch: "x" } }),
  flag: fc.nat(3),
  tf: fc.constant({}),
  join_leave: fc.boolean(),
};

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  connect: ["token", "data", "subs", "flag"],
  subscribe: ["channel", "token", "recover", "offset", "epoch", "data", "flag", "tf", "join_leave"],
  unsubscribe: ["channel"],
  publish: ["channel", "data"],
  presence: ["channel"],
  presence_stats: ["channel"],
  history: ["channel", "limit", "since", "reverse"],
  rpc: ["method", "data"],
  send: ["data"],
  refresh: ["token"],
  sub_refresh: ["channel", "token"],
};

/** A command of which most fields fit, some are missing, and some are anything at all. */
export const command: fc.Arbitrary<Record<string, unknown>> = fc
  .constantFrom(...METHODS, "teleport")
  .chain((method) =>
    fc.record({ id: mostly(fc.nat(100)), [method]: mostly(paramsOf(FIELDS[method] ?? [])) }),
  );

function paramsOf(fields: readonly string[]): fc.Arbitrary<unknown> {
  const values = fields.map((field) => [field, mostly(FITTING[field] ?? fc.jsonValue())] as const);
  return fc
    .tuple(fc.record(Object.fromEntries(values)), fc.array(fc.constantFrom("", ...fields)))
    .map(([params, missing]) =>
      Object.fromEntries(Object.entries(params).filter(([field]) => !missing.includes(field))),
    );
}

function mostly(fitting: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary: fitting }, { weight: 1, arbitrary: fc.jsonValue() });
}

/** The same bytes with some of them changed, left out or added. */
export function mutated(frames: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(4),
    insert: fc.uint8Array({ maxLength: 4 }),
  });
  return fc.tuple(frames, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([frame, edits]) =>
    edits.reduce((bytes, { at, remove, insert }) => {
      const start = Math.floor(at * bytes.length);
      return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
    }, Buffer.from(frame)),
  );
}
