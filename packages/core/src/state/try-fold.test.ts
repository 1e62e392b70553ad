import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EntryDraft } from "../ports/log.ts";
import { tryFold } from "./try-fold.ts";

const ROOM = "p.group.room";
const PEOPLE = ["account:ann", "account:bob", "account:carol"] as const;

const draft = fc.record({
  kind: fc.constantFrom("opened", "message", "edit", "delete", "reaction", "pin", "added", "read"),
  sender: fc.constantFrom(...PEOPLE),
  target: fc.nat(6).map((n) => `m-${n}`),
});

/** Something that may or may not fit to what was before. */
function entryOf(
  { kind, sender, target }: { kind: string; sender: string; target: string },
  id: string,
): EntryDraft {
  const opened = {
    type: "group",
    title: null,
    avatarUrl: null,
    connection: null,
    history: "all",
    meta: {},
    participants: [{ address: "account:ann", role: "owner" }],
    isFixed: false,
  };
  const data: Readonly<Record<string, object>> = {
    opened,
    message: { text: id },
    edit: { target, message: { text: "edited" } },
    delete: { target },
    reaction: { target, emoji: "👍", action: "add" },
    pin: { target, action: "add" },
    added: { participants: [{ address: sender, role: "member" }] },
    read: { channel: ROOM, offset: 2, ordinal: 1, back: false },
  };
  const channel = kind === "read" ? `p.notification.${sender.slice("account:".length)}` : ROOM;
  const dataJson = JSON.stringify(data[kind]);
  return { channel, id, kind: kind as EntryDraft["kind"], sender, dataJson };
}

test("says of any entry what the fold will say of it, and changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(draft, { maxLength: 20 }), async (drafts) => {
      const backend = new MemoryLogBackend();
      const [log, state] = [createMemoryLog(backend), createMemoryState(backend)];
      await log.start();
      await state.start();
      for (const [i, given] of drafts.entries()) {
        const entry = entryOf(given, given.kind === "opened" ? `o-${i}` : `m-${i}`);
        const before = await state.dump(undefined, 1_000);
        const tried = await codeOf(tryFold(state, entry));
        expect(await state.dump(undefined, 1_000)).toEqual(before);
        expect(tried).toBe(await codeOf(log.append(entry)));
      }
    }),
    { numRuns: 200 },
  );
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
