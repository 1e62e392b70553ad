import { Broadcast, type LogEntry } from "@anywire/core";
import fc from "fast-check";

/** An entry of bob's in the lobby, with what a test has to say about it. */
export function entryOf(fields: Partial<LogEntry> = {}): LogEntry {
  return {
    channel: "p.group.lobby",
    id: "m-1",
    kind: "data",
    sender: "account:bob",
    client: "c1",
    dataJson: "1",
    offset: 1,
    previousOffset: 0,
    at: 1_700_000_000_000,
    timetoken: "17000000000000000",
    ...fields,
  };
}

/** Data as JSON text with every character that an encoding can stumble over. */
export const dataJson: fc.Arbitrary<string> = fc.oneof(
  fc.json({ stringUnit: "binary" }),
  fc.constant('{"__proto__":{"a":1},"\\ud800":"\\u2028\\"\\\\\\n"}'),
  fc.constant('[1e21,-0.1,5e-324,9007199254740993,true,null,false,0,""]'),
);

/** A sender, its quotes, scripts and lone surrogates included. */
const sender = fc.oneof(
  fc.constant("account:bob"),
  fc.constantFrom('email:"o\'neil"@example.org', "email:żółw@例え.jp", "x:\\\ud83d\ude00</script>"),
);

/** A broadcast of an entry, on its channel or on a pattern. */
export const entryBroadcast: fc.Arbitrary<Broadcast> = fc
  .record({
    topic: fc.constantFrom("p.group.lobby", "p.group.*", "p.>"),
    sender,
    dataJson,
    client: fc.constantFrom("c1", undefined),
    offset: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    kind: fc.constantFrom("message" as const, "data" as const),
  })
  .map(({ topic, client, ...fields }) => {
    const { client: _, ...entry } = entryOf(fields);
    const withClient = client === undefined ? entry : { ...entry, client };
    return new Broadcast(topic, { type: "entry", entry: withClient });
  });

/** A broadcast of anything that a hub hands out. */
export const anyBroadcast: fc.Arbitrary<Broadcast> = fc.oneof(
  entryBroadcast,
  dataJson.map((json) => {
    const member = { client: "c1", user: "bob" };
    const signal = { channel: "p.group.lobby", member, kind: "typing", dataJson: json };
    return new Broadcast("p.group.lobby", { type: "signal", ...signal });
  }),
  fc.constantFrom("join" as const, "leave" as const).map((type) => {
    const member = { client: "c1", user: "bob" };
    return new Broadcast("p.group.lobby", { type, channel: "p.group.lobby", member });
  }),
);
