import { createChannelTypeRegistry } from "@anywire/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ReadMarkingConnector, TypingConnector } from "../../contract/abilities.ts";
import type { Connector } from "../../contract/connector.ts";
import { DESK_BACKENDS, OutboundDesk, PATIENT } from "../outbound/outbound-desk.fixture.ts";
import { ScriptedNetwork, scriptedConnector } from "../outbound/scripted-connector.fixture.ts";
import { createLiveMarks, type LiveMarks } from "./live-marks.ts";

const CHANNEL = "p.test.ann";

/** What the network was shown, in its order. */
let shown: string[];
let desk: OutboundDesk;
let marks: LiveMarks;
let now: number;
/** How often the time was asked for. */
let asked: number;

beforeEach(async () => {
  shown = [];
  now = Date.now();
  asked = 0;
  const connector: Connector & TypingConnector & ReadMarkingConnector = {
    ...scriptedConnector(new ScriptedNetwork()),
    async typing({ to, lastExternalId }) {
      shown.push(`typing ${to} ${lastExternalId}`);
    },
    async markRead({ to, externalId }) {
      shown.push(`read ${to} ${externalId}`);
    },
  };
  desk = await OutboundDesk.open(await DESK_BACKENDS.memory(), [connector]);
  await desk.connect(connector, "main");
  await desk.contact("ann", "phone:+447700900123");
  const channelTypes = createChannelTypeRegistry();
  const { name, identity, network, description } = connector.channelType;
  channelTypes.declare({ name, identity, network, description });
  await desk.channel(CHANNEL, ["ann"]);
  const { log, state } = desk.stores;
  marks = createLiveMarks({
    ...{ log, state, connections: desk.connections, channelTypes },
    now: () => {
      asked += 1;
      return now;
    },
  });
  await marks.start();
});

afterEach(async () => {
  await marks.close();
  await desk.close();
});

/** Ann writes; what the network calls it is kept. Gives the message's offset. */
async function annWrites(externalId: string): Promise<number> {
  await desk.append("p.connection.main", "inbound", {
    ...{
      step: "routed",
      externalId,
      contact: "contact:ann",
      address: "phone:+447700900123",
      receiver: null,
    },
    ...{ channel: CHANNEL, message: externalId, at: now },
  });
  const message = { id: externalId, sender: "contact:ann" };
  return (await desk.append(CHANNEL, "message", { text: "hi" }, message)).entry.offset;
}

function read(offset: number, back = false) {
  const data = { channel: CHANNEL, offset, ordinal: 1, back };
  return desk.append("p.notification.bob", "read", data);
}

test("who writes to somebody outside is shown to be writing, once in a while, after what came in last", async () => {
  await annWrites("m1");
  await annWrites("m2");
  marks.typing(CHANNEL, "bob");
  marks.typing(CHANNEL, "bob");
  await vi.waitFor(() => expect(shown).toEqual(["typing phone:+447700900123 m2"]), PATIENT);
  now += 5_000;
  marks.typing(CHANNEL, "bob");
  await vi.waitFor(() => expect(shown).toHaveLength(2), PATIENT);
});

test("what an account has read is marked at the network, up to the last message before its mark", async () => {
  const first = await annWrites("m1");
  await annWrites("m2");
  await read(first);
  await vi.waitFor(() => expect(shown).toEqual(["read phone:+447700900123 m1"]), PATIENT);
});

test("nobody outside hears of who takes no part, of channels inside, of marks that go back, and of what was read long ago", async () => {
  const first = await annWrites("m1");
  marks.typing(CHANNEL, "june");
  marks.typing("p.group.lobby", "bob");
  await read(first, true);
  now += 120_000;
  const before = asked;
  await read(first);
  await vi.waitFor(() => expect(asked).toBe(before + 1), PATIENT);
  now = Date.now();
  await read(first);
  await vi.waitFor(() => expect(shown).toEqual(["read phone:+447700900123 m1"]), PATIENT);
  await marks.close();
  expect(shown).toHaveLength(1);
});
