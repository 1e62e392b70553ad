import { AnywireError, type ContactEntry } from "@anywire/types";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { StateItem } from "../ports/state-store.ts";
import type { ContactDocument } from "./documents.ts";
import { type FoldEntry, foldEntry } from "./fold.ts";
import { addressKey, contactIndexKey, contactKey } from "./state-key.ts";
import { StateBuffer, type StateSource } from "./state-view.ts";

const IDS = ["ann", "bob", "carol", "dave"] as const;
const ADDRESSES = ["x:a", "x:b", "x:c", "x:d", "x:e", "x:f"] as const;

/** Contacts as the fold leaves them, entry by entry. */
class Contacts implements StateSource {
  readonly items: Map<string, StateItem>;
  readonly entries: FoldEntry[];

  constructor(items: Iterable<readonly [string, StateItem]> = [], entries: FoldEntry[] = []) {
    this.items = new Map(items);
    this.entries = [...entries];
  }

  copy(): Contacts {
    return new Contacts(this.items, this.entries);
  }

  read(partition: string, sort: string): unknown {
    return this.items.get(`${partition} ${sort}`)?.value;
  }

  list(): readonly StateItem[] {
    return [];
  }

  take(id: string, data: ContactEntry): void {
    const offset = this.entries.length + 1;
    this.fold({
      channel: channelOf(id),
      id: `entry-${offset}`,
      kind: "contact",
      sender: "account:desk",
      dataJson: JSON.stringify(data),
      offset,
      at: 1_000 + offset,
    });
  }

  fold(entry: FoldEntry): void {
    const buffer = new StateBuffer(this);
    foldEntry(buffer, entry);
    this.entries.push(entry);
    for (const { partition, sort, value } of buffer.writes) {
      const name = `${partition} ${sort}`;
      if (value === undefined) this.items.delete(name);
      else this.items.set(name, { partition, sort, value });
    }
  }

  contact(id: string): ContactDocument | undefined {
    return this.read(channelOf(id), contactKey(channelOf(id)).sort) as ContactDocument | undefined;
  }

  addresses(id: string): string[] {
    return this.contact(id)?.addresses.map(({ address }) => address) ?? [];
  }

  owner(address: string): unknown {
    const { partition, sort } = addressKey("p", address);
    return this.read(partition, sort);
  }
}

function channelOf(id: string): string {
  return `p.contact.${id}`;
}

function created(...addresses: string[]): ContactEntry {
  return { action: "created", addresses, name: null, meta: {} };
}

function merged(from: string): ContactEntry {
  return { action: "merged", from, reason: "same person" };
}

function unmerged(from: string): ContactEntry {
  return { action: "unmerged", from, reason: "two after all" };
}

function error(code: string, words: string) {
  return expect.objectContaining({ code, message: expect.stringContaining(words) });
}

let contacts: Contacts;

beforeEach(() => {
  contacts = new Contacts();
  contacts.take("ann", created("x:a", "x:b"));
  contacts.take("bob", created("x:c"));
  contacts.take("carol", created("x:d"));
});

describe("what is refused", () => {
  test.each<[string, string, ContactEntry, string, string]>([
    ["a second contact of an id", "ann", created("x:e"), "conflict", "a contact ann already"],
    [
      "an address of another",
      "dave",
      created("x:e", "x:c"),
      "conflict",
      "x:c belongs to contact bob",
    ],
    ["merging into oneself", "ann", merged("ann"), "conflict", "into itself"],
    ["merging nobody", "ann", merged("nobody"), "not_found", "no contact nobody"],
    ["merging into nobody", "nobody", merged("ann"), "not_found", "no contact nobody"],
    ["undoing no merge", "ann", unmerged("bob"), "conflict", "bob is not merged into ann"],
    ["undoing a merge of nobody", "ann", unmerged("nobody"), "conflict", "nobody is not merged"],
  ])("%s", (_what, id, data, code, words) => {
    const before = contacts.copy();
    expect(() => contacts.take(id, data)).toThrow(error(code, words));
    expect(contacts).toEqual(before);
  });

  test("a merge that crosses another, and whatever else is asked of the merged one", () => {
    contacts.take("ann", merged("bob"));
    const words = "bob is merged into ann; turn to that one";
    for (const [id, data] of [
      ["bob", merged("ann")],
      ["bob", merged("carol")],
      ["carol", merged("bob")],
      ["ann", merged("bob")],
      ["bob", { action: "address_added", address: "x:e" }],
      ["bob", { action: "updated", name: "Bob" }],
    ] as const) {
      expect(() => contacts.take(id, data)).toThrow(error("conflict", words));
    }
  });

  test("undoing a merge whose survivor is merged itself: the later merge is undone first", () => {
    contacts.take("ann", merged("bob"));
    contacts.take("carol", merged("ann"));
    expect(() => contacts.take("ann", unmerged("bob"))).toThrow(error("conflict", "ann is merged"));
    expect(() => contacts.take("carol", unmerged("bob"))).toThrow(error("conflict", "not merged"));
    contacts.take("carol", unmerged("ann"));
    contacts.take("ann", unmerged("bob"));
    expect(IDS.map((id) => contacts.addresses(id))).toEqual([["x:a", "x:b"], ["x:c"], ["x:d"], []]);
  });

  test("more than a hundred addresses, also by merging", () => {
    const many = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, i) => `x:${prefix}${i}`);
    expect(() => contacts.take("dave", created(...many("m", 101)))).toThrow(
      error("conflict", "at most 100"),
    );
    contacts.take("dave", created(...many("m", 99)));
    expect(() => contacts.take("dave", merged("ann"))).toThrow(error("conflict", "at most 100"));
    contacts.take("dave", merged("bob"));
    const one: ContactEntry = { action: "address_added", address: "x:one-more" };
    expect(() => contacts.take("dave", one)).toThrow(error("conflict", "at most 100"));
    expect(contacts.owner("x:one-more")).toBeUndefined();
  });
});

test("unmerging gives back what is still there of what came, rotated or verified meanwhile", () => {
  contacts.take("bob", merged("ann"));
  contacts.take("bob", { action: "address_verified", address: "x:a", method: "link" });
  contacts.take("bob", { action: "address_rotated", from: "x:b", to: "x:e", reason: "renamed" });
  contacts.take("bob", { action: "address_added", address: "x:b" });
  contacts.take("bob", unmerged("ann"));
  expect(contacts.contact("ann")).toMatchObject({
    mergedInto: null,
    addresses: [
      { address: "x:a", from: [], verifiedAt: expect.any(Number) },
      { address: "x:e", from: [], verifiedAt: null },
    ],
  });
  expect(contacts.addresses("bob")).toEqual(["x:c", "x:b"]);
});

test("what was removed while merged does not come back, though another has it", () => {
  contacts.take("bob", merged("ann"));
  contacts.take("bob", { action: "address_removed", address: "x:a", reason: "given up" });
  contacts.take("carol", { action: "address_added", address: "x:a" });
  contacts.take("bob", unmerged("ann"));
  expect(contacts.addresses("ann")).toEqual(["x:b"]);
  expect(contacts.owner("x:a")).toBe("carol");
});

describe("whatever happens", () => {
  const id = fc.constantFrom(...IDS);
  const address = fc.constantFrom(...ADDRESSES);
  const reason = fc.constant("why");
  const decision: fc.Arbitrary<ContactEntry> = fc.oneof(
    fc.record({
      action: fc.constant("created" as const),
      addresses: fc.array(address, { maxLength: 3 }),
      name: fc.constant(null),
      meta: fc.constant({}),
    }),
    { weight: 4, arbitrary: fc.record({ action: fc.constant("address_added" as const), address }) },
    fc.record({
      action: fc.constant("address_verified" as const),
      address,
      method: fc.constant("link"),
    }),
    fc.record({ action: fc.constant("address_removed" as const), address, reason }),
    fc.record({
      action: fc.constant("address_rotated" as const),
      from: address,
      to: address,
      reason,
    }),
    { weight: 4, arbitrary: id.map(merged) },
    { weight: 4, arbitrary: id.map(unmerged) },
  );
  const history = fc.array(fc.tuple(id, decision), { minLength: 20, maxLength: 60, size: "max" });

  /** Mostly the one it is merged into: drawn blindly, hardly a merge would ever be undone. */
  function undoer(all: Contacts, drawn: string, from: string): string {
    return drawn === "dave" ? drawn : (all.contact(from)?.mergedInto ?? drawn);
  }

  /** Takes each decision that is not refused, and looks at what came of it. */
  function play(
    steps: readonly (readonly [string, ContactEntry])[],
    look: (before: Contacts, after: Contacts, id: string, data: ContactEntry) => void,
  ): Contacts {
    const all = new Contacts();
    for (const one of IDS.slice(0, 3)) all.take(one, created());
    for (const [drawn, data] of steps) {
      const who = data.action === "unmerged" ? undoer(all, drawn, data.from) : drawn;
      const before = all.copy();
      try {
        all.take(who, data);
      } catch (refused) {
        if (!(refused instanceof AnywireError)) throw refused;
        expect(["conflict", "not_found"]).toContain(refused.code);
        expect(all).toEqual(before);
        continue;
      }
      look(before, all, who, data);
    }
    return all;
  }

  function assertWhole(all: Contacts): void {
    const owned = new Map<string, string>();
    for (const one of IDS) {
      const contact = all.contact(one);
      const { partition, sort } = contactIndexKey("p", one);
      expect(all.read(partition, sort)).toBe(contact === undefined ? undefined : true);
      for (const { address: held, from } of contact?.addresses ?? []) {
        expect(owned.has(held)).toBe(false);
        owned.set(held, one);
        assertCameFrom(all, from, one);
      }
      if (contact !== undefined && contact.mergedInto !== null) assertSurvived(all, contact);
    }
    for (const held of ADDRESSES) expect(all.owner(held)).toBe(owned.get(held));
  }

  /** Each is still merged into the next, the last one into the holder. */
  function assertCameFrom(all: Contacts, from: readonly string[], holder: string): void {
    for (const [i, origin] of from.entries()) {
      expect(all.contact(origin)?.mergedInto).toBe(from[i + 1] ?? holder);
    }
  }

  function assertSurvived(all: Contacts, merged: ContactDocument): void {
    expect(merged.addresses).toEqual([]);
    let survivor: ContactDocument | undefined = merged;
    for (let hops = 0; survivor !== undefined && survivor.mergedInto !== null; hops += 1) {
      expect(hops).toBeLessThan(IDS.length);
      survivor = all.contact(survivor.mergedInto);
    }
    expect(survivor).toBeDefined();
  }

  test("an address has one owner, documents and index agree, and merges lead to a survivor", () => {
    fc.assert(
      fc.property(history, (steps) => {
        play(steps, (_before, after) => assertWhole(after));
      }),
      { numRuns: 500 },
    );
  });

  test("a merge and its undoing leave everything as it was, and merges lose no address", () => {
    let merges = 0;
    fc.assert(
      fc.property(history, (steps) => {
        play(steps, (before, after, who, data) => {
          if (data.action !== "merged" && data.action !== "unmerged") return;
          const held = (all: Contacts) => IDS.flatMap((one) => all.addresses(one)).sort();
          expect(held(after)).toEqual(held(before));
          if (data.action === "unmerged") return;
          if (before.addresses(data.from).length > 0) merges += 1;
          const crossing = () => after.copy().take(data.from, merged(who));
          expect(crossing).toThrow(error("conflict", `is merged into ${who}`));
          const undone = after.copy();
          undone.take(who, unmerged(data.from));
          expect(undone.items).toEqual(before.items);
        });
      }),
      { numRuns: 500 },
    );
    // About 600: the histories do come to what this is about.
    expect(merges).toBeGreaterThan(200);
  });

  test("the same entries make the same contacts again", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const all = play(steps, () => {});
        const again = new Contacts();
        for (const entry of all.entries) again.fold(entry);
        expect(again.items).toEqual(all.items);
      }),
      { numRuns: 300 },
    );
  });
});
