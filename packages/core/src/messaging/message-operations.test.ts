import {
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryLogBackend,
} from "@anywire/engines/memory";
import { AnywireError, createChannelTypeRegistry } from "@anywire/types";
import { beforeEach, expect, test } from "vitest";
import { createAccess } from "../access/access.ts";
import { principalOf } from "../access/principal.ts";
import { type BeforePublish, createPipeline } from "../pipeline/pipeline.ts";
import type { Log } from "../ports/log.ts";
import { createOperations, type Operations } from "./operations.ts";

const ROOM = "production.group.room";
const HALL = "production.group.hall";

let log: Log;
let operations: Operations;
/** What runs before a message is stored. */
let step: BeforePublish;

beforeEach(async () => {
  const backend = new MemoryLogBackend();
  log = createMemoryLog(backend);
  const state = createMemoryState(backend);
  const presence = createMemoryPresence();
  await Promise.all([log.start(), state.start(), presence.start()]);
  const channelTypes = createChannelTypeRegistry();
  const access = createAccess({ channelTypes, state, membershipOf: () => undefined });
  step = (draft) => draft;
  const pipeline = createPipeline({
    ...{ access, log, presence, maxMessageBytes: 1024, maxDepth: 8 },
    beforePublish: [(draft, principal) => step(draft, principal)],
  });
  const accountPresences = { of: async () => [] };
  operations = createOperations({
    ...{ access, pipeline, log, state, presence, accountPresences, channelTypes },
    maxParticipants: 10,
  });
  const opened = {
    ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "all" },
    ...{ meta: {}, isFixed: false, participants: [{ address: "account:ann", role: "owner" }] },
  };
  await log.append({
    ...{ channel: ROOM, id: "opened", kind: "opened", sender: "account:ann" },
    dataJson: JSON.stringify(opened),
  });
  await call("message.send", { channel: ROOM, id: "m", text: "hello" });
});

async function call(name: string, request: object): Promise<unknown> {
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`there is no operation ${name}`);
  const caller = { principal: principalOf({ sub: "ann", platform: "production" }) };
  return (await operation.run(caller, operation.request.parse(request))).answer;
}

function edit(text: string): Promise<unknown> {
  return call("message.edit", { channel: ROOM, id: "m", text });
}

test("a message that was sent to another channel on its way is answered with that channel", async () => {
  step = (draft) => ({ ...draft, channel: HALL });
  const answer = await call("message.send", { channel: ROOM, id: "m-2", text: "hello" });
  const { entries } = await log.read({ pattern: HALL, limit: 10, order: "asc" });
  expect(entries).toMatchObject([{ id: "m-2", channel: HALL }]);
  expect(answer).toMatchObject({ id: "m-2", channel: HALL, offset: entries[0]?.offset });
});

test("an edit is looked at before it is stored, and is what comes of that", async () => {
  step = (draft, { accountId }) => {
    expect(draft).toMatchObject({ channel: ROOM, kind: "edit", sender: "account:ann" });
    return { ...draft, dataJson: draft.dataJson.replace("duck", `**** from ${accountId}`) };
  };
  expect(await edit("duck")).toMatchObject({ version: 2, data: { text: "**** from ann" } });
  const { entries } = await log.read({ pattern: ROOM, limit: 1, order: "desc" });
  expect(entries[0]?.dataJson).toContain("**** from ann");
});

test("an edit that is refused on its way is not stored, and the message says what it said", async () => {
  step = () => {
    throw new AnywireError("function_aborted", "not on Sundays");
  };
  await expect(edit("duck")).rejects.toMatchObject({ message: "not on Sundays" });
  step = (draft) => ({ ...draft, channel: HALL });
  await expect(edit("duck")).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining(HALL),
  });
  expect(await log.head(">")).toBe(2);
  expect(await call("message.get", { channel: ROOM, id: "m" })).toMatchObject({
    version: 1,
    data: { text: "hello" },
  });
});
