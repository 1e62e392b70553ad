import { createMemoryLog, createMemoryPresence } from "@anywire/engines/memory";
import { AnywireError, isEntryId, MAX_TRACE_NAMES } from "@anywire/types";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { principalOf } from "../access/principal.ts";
import { createTokenAccess } from "../access/token-access.fixture.ts";
import type { EntryDraft } from "../ports/log.ts";
import type { LiveEvent } from "../ports/presence.ts";
import {
  type BeforePublish,
  type BeforeSignal,
  createPipeline,
  kindOf,
  type PipelineOptions,
  type SignalDraft,
} from "./pipeline.ts";

const LOBBY = "p.group.lobby";
const HALL = "p.group.hall";
const BOB = principalOf({ sub: "bob", platform: "p", publish: ["p.>"] });

async function setUp(options: Partial<PipelineOptions> = {}) {
  const [log, presence] = [createMemoryLog(), createMemoryPresence()];
  await Promise.all([log.start(), presence.start()]);
  const access = createTokenAccess();
  const limits = { maxMessageBytes: 1000, maxDepth: 4 };
  const pipeline = createPipeline({ access, log, presence, ...limits, ...options });
  const publish = async (data: unknown, id?: string) =>
    pipeline.publish(BOB, { channel: LOBBY, kind: "data", data, ...(id !== undefined && { id }) });
  return { log, presence, pipeline, publish };
}

function refusal(code: string, words = "") {
  return expect.objectContaining({ code, message: expect.stringContaining(words) });
}

test("a published entry is in the log when publish resolves, with its sender and connection", async () => {
  const { log, pipeline } = await setUp();
  const data = { text: "hi" };
  const request = { channel: LOBBY, id: "m-1", kind: "message", data, client: "c1" } as const;
  const { entry, isNew } = await pipeline.publish(BOB, request);
  expect(isNew).toBe(true);
  expect(entry).toMatchObject({
    channel: LOBBY,
    id: "m-1",
    kind: "message",
    sender: "account:bob",
    client: "c1",
    dataJson: '{"text":"hi"}',
  });
  expect((await log.read({ pattern: LOBBY, limit: 10, order: "asc" })).entries).toEqual([entry]);
});

test("the same id again gives the same entry and stores nothing", async () => {
  const { log, publish } = await setUp();
  const first = await publish(1, "m-1");
  expect(await publish(2, "m-1")).toEqual({ entry: first.entry, isNew: false });
  expect(await log.head(LOBBY)).toBe(first.entry.offset);
});

test("an entry without an id gets one, each its own", async () => {
  const { publish } = await setUp();
  const ids = [(await publish(1)).entry.id, (await publish(1)).entry.id];
  expect(ids.every(isEntryId)).toBe(true);
  expect(ids[0]).not.toBe(ids[1]);
});

test("an id that is none is refused", async () => {
  const { publish } = await setUp();
  for (const id of ["", "a b", "x".repeat(65), "m-1\n"]) {
    await expect(publish(1, id)).rejects.toEqual(refusal("bad_request", "1 to 64"));
  }
});

test("what one may not publish rejects and is not stored", async () => {
  const { log, pipeline } = await setUp();
  const june = principalOf({ sub: "june", platform: "p" });
  const request = { channel: LOBBY, kind: "data", data: 1 } as const;
  await expect(pipeline.publish(june, request)).rejects.toEqual(refusal("permission_denied"));
  const nowhere = { ...request, channel: "lobby" };
  await expect(pipeline.publish(BOB, nowhere)).rejects.toEqual(refusal("unknown_channel"));
  expect(await log.head(">")).toBe(0);
});

test("any JSON comes back as it was published, whatever its keys and characters", async () => {
  const { publish } = await setUp({ maxMessageBytes: 1_000_000, maxDepth: 50 });
  await fc.assert(
    fc.asyncProperty(fc.json({ stringUnit: "binary" }), async (json) => {
      const { entry } = await publish(JSON.parse(json));
      expect(entry.dataJson).toBe(JSON.stringify(JSON.parse(json)));
    }),
  );
  const tricky = '{"__proto__":{"toJSON":1},"\\ud800":"\\u2028\\"\\n","n":1e-7}';
  const { entry } = await publish(JSON.parse(tricky));
  expect(JSON.parse(entry.dataJson)).toEqual(JSON.parse(tricky));
});

test("the limit counts bytes of UTF-8 and lets through exactly as many", async () => {
  const character = fc.constantFrom("a", "é", "€", "😀", '"', "\n", "\ud800");
  await fc.assert(
    fc.asyncProperty(
      fc.array(character, { maxLength: 40 }),
      fc.nat({ max: 80 }),
      async (all, max) => {
        const { publish } = await setUp({ maxMessageBytes: max });
        const text = all.join("");
        const attempt = publish(text);
        if (Buffer.byteLength(JSON.stringify(text)) <= max) await attempt;
        else await expect(attempt).rejects.toEqual(refusal("too_large", `${max} bytes`));
      },
    ),
  );
});

test("the limit of depth counts arrays and objects, and lets through exactly as many", async () => {
  const { publish } = await setUp({ maxDepth: 3 });
  for (const data of [1, [[[1]]], { a: [{ b: null }] }, [[[]], [[]]]]) await publish(data);
  for (const data of [[[[[]]]], { a: [{ b: {} }] }, [1, [2, [3, [4]]]]]) {
    await expect(publish(data)).rejects.toEqual(refusal("too_large", "deeper than 3"));
  }
});

test("data nested a hundred thousand deep is refused like any other that is too deep", async () => {
  const { publish } = await setUp({ maxMessageBytes: 1_000_000 });
  const data = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  await expect(publish(data)).rejects.toEqual(refusal("too_large", "deeper"));
});

test("an entry without data is refused, one of null is not", async () => {
  const { publish } = await setUp();
  await expect(publish(undefined)).rejects.toEqual(refusal("bad_request", "data is missing"));
  expect((await publish(null)).entry.dataJson).toBe("null");
});

test("what runs before an append sees what ran before it, and its last word is stored", async () => {
  const add =
    (word: string): BeforePublish =>
    (draft, { accountId }) => ({
      ...draft,
      dataJson: JSON.stringify([...JSON.parse(draft.dataJson), word, accountId]),
    });
  const later: BeforePublish = async (draft, principal) => add("b")(draft, principal);
  const { publish } = await setUp({ beforePublish: [add("a"), later, add("c")] });
  expect((await publish([])).entry.dataJson).toBe('["a","bob","b","bob","c","bob"]');
});

test("what runs before an append can refuse it: nothing later runs and nothing is stored", async () => {
  const seen: string[] = [];
  const abort: BeforePublish = () => {
    throw new AnywireError("bad_request", "not on Sundays");
  };
  const notice: BeforePublish = (draft) => {
    seen.push(draft.id);
    return draft;
  };
  const { log, publish } = await setUp({ beforePublish: [notice, abort, notice] });
  await expect(publish(1, "m-1")).rejects.toEqual(refusal("bad_request", "not on Sundays"));
  expect(seen).toEqual(["m-1"]);
  expect(await log.head(">")).toBe(0);
});

test("what runs before an append is not asked about what is refused anyway", async () => {
  let asked = 0;
  const notice: BeforePublish = (draft) => {
    asked += 1;
    return draft;
  };
  const { publish } = await setUp({ beforePublish: [notice] });
  await expect(publish("x".repeat(2000))).rejects.toEqual(refusal("too_large"));
  expect(asked).toBe(0);
});

test("a signal is told to those who watch, within the limits of all data, and not stored", async () => {
  const { log, presence, pipeline } = await setUp();
  const events: LiveEvent[] = [];
  presence.watch({ onEvent: (event) => events.push(event) });
  const signal = { channel: LOBBY, client: "c1", kind: "typing" };
  await pipeline.signal(BOB, { ...signal, data: { at: 7 } });
  expect(events).toEqual([
    {
      type: "signal",
      channel: LOBBY,
      member: { client: "c1", user: "bob" },
      kind: "typing",
      dataJson: '{"at":7}',
    },
  ]);
  const send = (request: object) => pipeline.signal(BOB, { ...signal, data: null, ...request });
  await expect(send({ data: "x".repeat(1000) })).rejects.toEqual(refusal("too_large"));
  await expect(send({ data: [[[[[]]]]] })).rejects.toEqual(refusal("too_large"));
  await expect(send({ channel: "p.notification.bob" })).rejects.toEqual(
    refusal("permission_denied"),
  );
  expect(events.length).toBe(1);
  expect(await log.head(">")).toBe(0);
});

test("what is said in another's name is stored in it, with what led to it", async () => {
  const { pipeline } = await setUp();
  const trace = { id: "m-1", via: ["echo"] };
  const sender = "function:echo";
  const data = { text: "hi" };
  const request = { channel: LOBBY, kind: "message", data, sender, trace } as const;
  expect((await pipeline.publish(BOB, request)).entry).toMatchObject({ sender, trace });
});

test("what more functions led to than an entry can name is refused, stored or live", async () => {
  const { log, presence, pipeline } = await setUp();
  const events: LiveEvent[] = [];
  presence.watch({ onEvent: (event) => events.push(event) });
  const viaOf = (length: number) => Array.from({ length }, (_, i) => `f${i}`);
  const send = async (count: number): Promise<void> => {
    const led = { channel: LOBBY, data: 1, trace: { id: "m-1", via: viaOf(count) } };
    await pipeline.publish(BOB, { ...led, kind: "data" });
  };
  const signal = async (count: number): Promise<void> => {
    const led = { channel: LOBBY, data: 1, trace: { id: "m-1", via: viaOf(count) } };
    await pipeline.signal(BOB, { ...led, client: "c1", kind: "typing" });
  };
  for (const tell of [send, signal]) {
    await tell(MAX_TRACE_NAMES);
    await expect(tell(MAX_TRACE_NAMES + 1)).rejects.toEqual(refusal("limit_exceeded", "f63, f64"));
  }
  expect(await log.head(LOBBY)).toBe(1);
  expect(events.length).toBe(1);
});

test("a draft that comes another way is reviewed by the same steps, and nothing is stored", async () => {
  const mark: BeforePublish = (draft) => ({ ...draft, dataJson: `[${draft.dataJson}]` });
  const { log, pipeline } = await setUp({ beforePublish: [mark, mark] });
  const draft = { channel: LOBBY, id: "e", kind: "edit", sender: "account:bob", dataJson: "1" };
  const reviewed = await pipeline.review(BOB, draft as EntryDraft);
  expect(reviewed).toEqual({ ...draft, dataJson: "[[1]]" });
  expect(await log.head(">")).toBe(0);
});

test("what runs before a signal sees it with what led to it, and its last word is told, and told of", async () => {
  const trace = { id: "m-1", via: ["echo"] };
  const add =
    (word: string): BeforeSignal =>
    (draft, { accountId }) => ({
      ...draft,
      dataJson: JSON.stringify([...JSON.parse(draft.dataJson), word, accountId, draft.trace]),
    });
  const elsewhere: BeforeSignal = async (draft) => ({ ...draft, channel: HALL });
  const after: SignalDraft[] = [];
  const events: LiveEvent[] = [];
  const { presence, pipeline } = await setUp({
    beforeSignal: [add("a"), elsewhere, add("b")],
    afterSignal: async (draft) => {
      expect(events.length).toBe(1);
      after.push(draft);
    },
  });
  presence.watch({ onEvent: (event) => events.push(event) });
  const signal = { channel: LOBBY, client: "c1", kind: "typing", data: [] };
  await pipeline.signal(BOB, { ...signal, trace });
  const dataJson = JSON.stringify(["a", "bob", trace, "b", "bob", trace]);
  const told = { channel: HALL, member: { client: "c1", user: "bob" }, kind: "typing", dataJson };
  expect(events).toEqual([{ type: "signal", ...told }]);
  expect(after).toEqual([{ ...told, trace }]);
});

test("what runs before a signal can refuse it: it is not told, and nobody is told of it", async () => {
  const after = vi.fn();
  const abort: BeforeSignal = () => {
    throw new AnywireError("function_aborted", "not on Sundays");
  };
  const { presence, pipeline } = await setUp({ beforeSignal: [abort], afterSignal: after });
  const events: LiveEvent[] = [];
  presence.watch({ onEvent: (event) => events.push(event) });
  const signal = { channel: LOBBY, client: "c1", kind: "typing", data: null };
  await expect(pipeline.signal(BOB, signal)).rejects.toEqual(
    refusal("function_aborted", "not on Sundays"),
  );
  expect(events).toEqual([]);
  expect(after).not.toHaveBeenCalled();
});

test("the sender of a signal is answered once it is told of", async () => {
  const told = Promise.withResolvers<void>();
  const { pipeline } = await setUp({ afterSignal: () => told.promise });
  let isAnswered = false;
  const sending = pipeline
    .signal(BOB, { channel: LOBBY, client: "c1", kind: "typing", data: null })
    .then(() => {
      isAnswered = true;
    });
  await new Promise(setImmediate);
  expect(isAnswered).toBe(false);
  told.resolve();
  await sending;
});

test("published JSON is a message when it has the shape of one, and data otherwise", () => {
  const messages = [{ text: "hi" }, { parts: [{ type: "text", text: "hi" }] }];
  for (const data of messages) expect(kindOf(data)).toBe("message");
  const others = [null, 1, "hi", [], {}, { text: 1 }, { text: "hi", more: 1 }, { parts: [] }];
  for (const data of others) expect(kindOf(data)).toBe("data");
});

test("the kind of data nested a hundred thousand deep can be told", () => {
  // The schema went down by recursion, so the limit of depth, which comes later, was never asked.
  const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  expect(kindOf({ text: "hi", meta: { deep } })).toBe("message");
  expect(kindOf({ text: deep })).toBe("data");
});
