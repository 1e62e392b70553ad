import { createMemoryPresence } from "@anywire/engines/memory";
import {
  createChannelTypeRegistry,
  type DomainKind,
  type EntryData,
  notificationChannel,
} from "@anywire/types";
import { beforeEach, expect, test } from "vitest";
import { createAccess } from "../access/access.ts";
import { principalOf } from "../access/principal.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import type { EntryDraft } from "../ports/log.ts";
import { createSecondLook } from "../state/second-look.ts";
import { createTrailingState, type TrailingState } from "../state/trailing-state.fixture.ts";
import { createOperations, type Operations } from "./operations.ts";
import { stableId } from "./stable-id.ts";

const ROOM = "production.group.room";

let trailing: TrailingState;
let operations: Operations;

beforeEach(async () => {
  trailing = await createTrailingState();
  const { log, state } = trailing;
  const presence = createMemoryPresence();
  await presence.start();
  const channelTypes = createChannelTypeRegistry();
  const secondLook = createSecondLook(log, state);
  const membershipOf = () => undefined;
  const access = createAccess({ channelTypes, state, membershipOf, secondLook });
  const pipeline = createPipeline({ access, log, presence, maxMessageBytes: 1024, maxDepth: 8 });
  const accountPresences = { of: async () => [] };
  operations = createOperations({
    ...{ access, pipeline, log, state, presence, accountPresences, channelTypes },
    maxParticipants: 10,
  });
  await record("ann", "opened", {
    ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "all" },
    ...{ meta: {}, isFixed: false },
    participants: ["ann", "bob"].map((id) => ({
      address: `account:${id}`,
      role: "owner" as const,
    })),
  });
  await trailing.comeAlong();
});

/** Something that another node has put into the log. */
async function record<K extends DomainKind>(
  account: string,
  kind: K,
  data: EntryData<K>,
  channel = ROOM,
): Promise<number> {
  return await append(account, { channel, id: kind, kind, dataJson: JSON.stringify(data) });
}

async function append(account: string, draft: Omit<EntryDraft, "sender">): Promise<number> {
  return (await trailing.log.append({ ...draft, sender: `account:${account}` })).entry.offset;
}

function say(id: string): Promise<number> {
  return append("ann", { channel: ROOM, id, kind: "message", dataJson: '{"text":"hello"}' });
}

/** Asks this node, whose state comes along only when somebody waits for it. */
async function call(
  account: string,
  name: string,
  request: object,
  publish: readonly string[] = [],
): Promise<unknown> {
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`there is no operation ${name}`);
  const caller = {
    principal: principalOf({ sub: account, platform: "production", publish: [...publish] }),
  };
  let isDone = false;
  const asked = operation.run(caller, operation.request.parse(request)).finally(() => {
    isDone = true;
  });
  const coming = (async () => {
    while (!isDone) {
      await new Promise(setImmediate);
      if (trailing.isAwaited) await trailing.comeAlong();
    }
  })();
  const [{ answer }] = await Promise.all([asked, coming]);
  return answer;
}

// Whoever was told of a message by the log and read it at once was marked as having read the one before, and it stayed unread.
test("what is read is marked up to a message that the state has not heard of yet", async () => {
  await say("first");
  await trailing.comeAlong();
  const offset = await say("second");
  expect(await call("bob", "channel.read", { channel: ROOM, offset })).toEqual({
    channel: ROOM,
    readOffset: offset,
    unread: 0,
  });
});

test("a message that the state has not heard of yet can be reacted to, edited and hidden with its channel", async () => {
  await say("first");
  const named = { channel: ROOM, id: "first" };
  expect(await call("bob", "reaction.add", { ...named, emoji: "👍" })).toMatchObject({
    id: "first",
    reactions: [{ emoji: "👍" }],
  });
  await say("second");
  const edited = await call("ann", "message.edit", { channel: ROOM, id: "second", text: "better" });
  expect(edited).toMatchObject({
    id: "second",
    data: { text: "better" },
  });
  await say("third");
  await call("bob", "channel.hide", { channel: ROOM });
  expect(await call("bob", "channel.list", { hidden: "true" })).toMatchObject({
    channels: [{ channel: ROOM }],
  });
});

// Set back through one node and read through another, the second was taken for done, and the message stayed unread.
test("what an account has set back through another node can be read again here", async () => {
  const offset = await say("first");
  await trailing.comeAlong();
  await call("bob", "channel.read", { channel: ROOM, offset });
  const own = notificationChannel("production", "bob");
  await record("bob", "read", { channel: ROOM, offset: 0, ordinal: 0, back: true }, own);
  await call("bob", "channel.read", { channel: ROOM, offset });
  await trailing.comeAlong();
  expect(await call("bob", "channel.list", {})).toMatchObject({ channels: [{ unread: 0 }] });
});

// Muted through one node and unmuted through another, the second was taken for done.
test("what an account did through another node does not make that undoing it changes nothing", async () => {
  const own = notificationChannel("production", "bob");
  await record("bob", "mute", { channel: ROOM, until: 9_000_000_000_000 }, own);
  await call("bob", "channel.unmute", { channel: ROOM });
  expect(await call("bob", "channel.list", {})).toMatchObject({ channels: [{ mutedUntil: null }] });
});

test("whom another node has made known, and has added, can be named here", async () => {
  await record("carol", "account", {}, notificationChannel("production", "carol"));
  const carol = { channel: ROOM, participants: ["account:carol"] };
  expect(await call("ann", "channel.add", carol)).toMatchObject({ participantCount: 3 });
  await record("ann", "added", { participants: [{ address: "account:dave", role: "member" }] });
  const dave = { channel: ROOM, participant: "account:dave", role: "owner" };
  expect(await call("ann", "channel.role", dave)).toMatchObject({ participantCount: 4 });
});

// An address that another node had just made a contact for was taken for a new one, which not everybody may make.
test("a contact that another node has made can be written to without the right to make one", async () => {
  await record("ann", "account", {}, notificationChannel("production", "ann"));
  await trailing.comeAlong();
  const address = "phone:+447700900123";
  const id = stableId(["contact", "production", address]);
  const data = { action: "created", addresses: [address], name: null, meta: {} } as const;
  const channel = `production.contact.${id}`;
  const dataJson = JSON.stringify(data);
  await append("desk", { channel, id: "created", kind: "contact", dataJson });
  const opened = { type: "sms", participants: [address] };
  expect(await call("ann", "channel.open", opened, ["production.sms.*"])).toMatchObject({
    participants: ["account:ann", `contact:${id}`],
  });
});
