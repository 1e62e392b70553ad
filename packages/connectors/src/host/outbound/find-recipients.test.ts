import { type ChannelDocument, channelKey, type StateStore } from "@anywire/core";
import { afterEach, describe, expect, test } from "vitest";
import { findRecipients, type Recipient } from "./find-recipients.ts";
import { createDesks, DESK_BACKENDS } from "./outbound-desk.fixture.ts";

/** A state that tells how much was read at a time. */
function counted(state: StateStore) {
  const reads: number[] = [];
  const counting: StateStore = Object.create(state, {
    get: {
      value: (...asked: Parameters<StateStore["get"]>) => {
        reads.push(asked[0].length);
        return state.get(...asked);
      },
    },
    list: {
      value: async (...asked: Parameters<StateStore["list"]>) => {
        const page = await state.list(...asked);
        reads.push(page.items.length);
        return page;
      },
    },
  });
  return { state: counting, reads };
}

async function batchesOf(...asked: Parameters<typeof findRecipients>): Promise<Recipient[][]> {
  const batches: Recipient[][] = [];
  for await (const batch of findRecipients(...asked)) batches.push(batch);
  return batches;
}

describe.each(Object.entries(DESK_BACKENDS))("recipients on %s", (_name, createBackend) => {
  const { setUp, end } = createDesks(createBackend);
  afterEach(end);

  /** A channel with so many contacts, of whom some are one by now and one has left. */
  async function crowd(size: number) {
    const { desk } = await setUp();
    const ids = Array.from({ length: size }, (_, i) => `m${String(i).padStart(4, "0")}`);
    await Promise.all(ids.map((id, i) => desk.contact(id, `phone:+4477008${100_000 + i}`)));
    const channel = await desk.channel("p.test.crowd", ids, { isFixed: false });
    const merged = (from: string) => ({ action: "merged", from, reason: "the same" });
    await desk.append("p.contact.m0001", "contact", merged("m0002"));
    await desk.append(`p.contact.m${size - 1}`, "contact", merged("m0003"));
    await desk.append("p.contact.c1", "contact", merged("m0004"));
    await desk.append(channel, "removed", { participants: ["contact:m0005"] });
    const { values } = await desk.stores.state.get([channelKey(channel)]);
    return { desk, ids, document: values[0] as ChannelDocument };
  }

  test("of a crowd each is found once, by whom it is now, with few reads of a bounded size", async () => {
    const { desk, ids, document } = await crowd(1_050);
    const { state, reads } = counted(desk.stores.state);
    const batches = await batchesOf(state, document, "account:bob");
    const found = batches.flat().map(({ participant, contact }) => [participant, contact.id]);
    const gone = ["m0002", "m0003", "m0004", "m0005", "m1049"];
    const others = ids.filter((id) => !gone.includes(id)).map((id) => [`contact:${id}`, id]);
    const named = [...others, ["contact:m0003", "m1049"], ["contact:m0004", "c1"]];
    expect(found.sort()).toEqual(named.sort());
    expect(reads.length).toBeLessThan(30);
    expect(Math.max(...reads, ...batches.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  test("who says it is none of the recipients, also under another name", async () => {
    const { desk, document } = await crowd(1_050);
    const batches = await batchesOf(desk.stores.state, document, "contact:m0001");
    const ids = batches.flat().map(({ contact }) => contact.id);
    expect(ids).toContain("m0000");
    expect(ids).not.toContain("m0001");
  });
});
