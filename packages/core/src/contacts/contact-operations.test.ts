import {
  type ChannelInfo,
  type Contact,
  type ContactHistory,
  type ContactsPage,
  contactSchema,
} from "@anywire/types";
import { beforeEach, describe, expect, test } from "vitest";
import { type ContactDesk, createContactDesk } from "./contact-desk.fixture.ts";
import { contactBehind } from "./contact-operations.ts";

const PHONE = "phone:+447700900123";
const NEW_PHONE = "phone:+447700900124";
const EMAIL = "email:ann@example.org";

let desk: ContactDesk;

beforeEach(async () => {
  desk = await createContactDesk();
});

async function call(name: string, request: object): Promise<Contact> {
  return contactSchema.parse(await desk.call(name, request));
}

function create(...addresses: string[]): Promise<Contact> {
  return call("contact.create", { addresses });
}

function addressesOf(contact: Contact): string[] {
  return contact.addresses.map(({ address }) => address);
}

async function find(address: string): Promise<string | undefined> {
  const page = (await desk.call("contact.list", { address })) as ContactsPage;
  return page.contacts[0]?.id;
}

function resolve(address: string): Promise<string> {
  return contactBehind(desk.context, desk.desk, address);
}

function error(code: string, words: string) {
  return expect.objectContaining({ code, message: expect.stringContaining(words) });
}

describe("addresses", () => {
  test("are stored in their canonical form, once, in the order given", async () => {
    const ann = await create("phone:+44 7700 900123", "mailto:Ann@Example.org", PHONE);
    expect(addressesOf(ann)).toEqual([PHONE, EMAIL]);
    expect(ann.addresses[0]).toMatchObject({ verifiedAt: null, from: [] });
    expect(await call("contact.get", { id: ann.id })).toEqual(ann);
  });

  test("lead to their contact in every spelling, also those of kinds without rules", async () => {
    const { id } = await create(PHONE, "slack:U012AB3CD", "fax-2:whatever/it=is");
    for (const spelling of ["tel:+44 7700 900123", "Slack:U012AB3CD", "fax-2: whatever/it=is "]) {
      expect(await find(spelling)).toBe(id);
    }
    expect(await find("slack:u012ab3cd")).toBeUndefined();
    expect(await find(EMAIL)).toBeUndefined();
  });

  test("belong to one contact: another is refused, by the owner's name", async () => {
    const ann = await create(PHONE);
    const bob = await create(EMAIL);
    const taken = error("conflict", `${PHONE} belongs to contact ${ann.id}`);
    await expect(create(NEW_PHONE, PHONE)).rejects.toEqual(taken);
    const add = { id: bob.id, address: PHONE };
    await expect(call("contact.add_address", add)).rejects.toEqual(taken);
    const rotate = { id: bob.id, from: EMAIL, to: PHONE, reason: "typo" };
    await expect(call("contact.rotate_address", rotate)).rejects.toEqual(taken);
    expect(await find(NEW_PHONE)).toBeUndefined();
    expect(await call("contact.get", { id: bob.id })).toEqual(bob);
  });

  test("are added once, verified, rotated in their place and removed", async () => {
    const { id } = await create(PHONE);
    await call("contact.add_address", { id, address: EMAIL });
    expect(addressesOf(await call("contact.add_address", { id, address: EMAIL }))).toHaveLength(2);

    const verify = { id, address: "tel:+44 7700 900123", method: "sms code" };
    const verified = await call("contact.verify_address", verify);
    expect(verified.addresses[0]?.verifiedAt).toEqual(expect.any(Number));

    const rotate = { id, from: PHONE, to: NEW_PHONE, reason: "new number" };
    const rotated = await call("contact.rotate_address", rotate);
    expect(addressesOf(rotated)).toEqual([NEW_PHONE, EMAIL]);
    expect(rotated.addresses[0]?.verifiedAt).toBeNull();
    expect([await find(PHONE), await find(NEW_PHONE)]).toEqual([undefined, id]);

    const remove = { id, address: EMAIL, reason: "bounces" };
    expect(addressesOf(await call("contact.remove_address", remove))).toEqual([NEW_PHONE]);
    expect(await find(EMAIL)).toBeUndefined();
    await expect(call("contact.remove_address", remove)).rejects.toEqual(
      error("not_found", `has no address ${EMAIL}`),
    );
  });

  test("cannot be rotated into one that the contact has, and the error does not speak of merging", async () => {
    const { id } = await create(PHONE, EMAIL);
    const rotate = { id, from: PHONE, to: EMAIL, reason: "typo" };
    await expect(call("contact.rotate_address", rotate)).rejects.toEqual(
      error("conflict", `contact ${id} has ${EMAIL} already`),
    );
  });

  test("are not the ids of accounts and contacts, however they are written", async () => {
    for (const address of ["account:bob", "contact:k3f0", "Account:bob", " contact: k3f0"]) {
      await expect(create(address)).rejects.toEqual(error("bad_request", "somebody's id"));
      await expect(resolve(address)).rejects.toEqual(error("bad_request", "somebody's id"));
    }
  });
});

describe("merging", () => {
  test("moves the addresses, leads lookups to the survivor, and is undone", async () => {
    const into = await create(PHONE);
    const from = await create(EMAIL, "x:@Ann");
    const request = { id: into.id, from: from.id, reason: "same person" };
    const merged = await call("contact.merge", request);
    expect(addressesOf(merged)).toEqual([PHONE, EMAIL, "x:ann"]);
    expect(merged.addresses[1]?.from).toEqual([from.id]);
    expect(await call("contact.get", { id: from.id })).toMatchObject({
      addresses: [],
      mergedInto: into.id,
    });
    expect(await find(EMAIL)).toBe(into.id);
    expect(await resolve(EMAIL)).toBe(`contact:${into.id}`);

    expect(await call("contact.unmerge", { ...request, reason: "two after all" })).toEqual(into);
    expect(await call("contact.get", { id: from.id })).toEqual(from);
    expect(await find(EMAIL)).toBe(from.id);
  });

  test("of two that cross, also at the same time, the second is refused and names the survivor", async () => {
    const [ann, bob] = [await create(PHONE), await create(EMAIL)];
    const outcomes = await Promise.allSettled([
      call("contact.merge", { id: ann.id, from: bob.id, reason: "same" }),
      call("contact.merge", { id: bob.id, from: ann.id, reason: "same" }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(outcomes[1]).toMatchObject({
      reason: error("conflict", `contact ${bob.id} is merged into ${ann.id}`),
    });
  });

  test("is kept in the survivor's history: who, what and why", async () => {
    const [into, from] = [await create(PHONE), await create(EMAIL)];
    await call("contact.merge", { id: into.id, from: from.id, reason: "same signature" });
    await call("contact.unmerge", { id: into.id, from: from.id, reason: "brothers" });
    const first = await desk.call("contact.history", { id: into.id, limit: 2 });
    const { entries, cursor } = first as ContactHistory;
    const rest = await desk.call("contact.history", { id: into.id, after: cursor });
    const all = [...entries, ...(rest as ContactHistory).entries];
    expect(all.map(({ data }) => data)).toEqual([
      expect.objectContaining({ action: "created", addresses: [PHONE] }),
      { action: "merged", from: from.id, reason: "same signature" },
      { action: "unmerged", from: from.id, reason: "brothers" },
    ]);
    expect(new Set(all.map(({ sender }) => sender))).toEqual(new Set(["account:desk"]));
    expect((rest as ContactHistory).cursor).toBeUndefined();
  });

  test("needs a pattern that covers both contacts", async () => {
    const [into, from] = [await create(PHONE), await create(EMAIL)];
    const half = desk.caller({ manage: [`production.contact.${into.id}`] });
    const request = { id: into.id, from: from.id, reason: "same" };
    const refused = error("permission_denied", from.id);
    await expect(desk.call("contact.merge", request, half)).rejects.toEqual(refused);
    await call("contact.merge", request);
    await expect(desk.call("contact.unmerge", request, half)).rejects.toEqual(refused);
  });
});

test("to read contacts needs subscribe, to decide about them manage", async () => {
  const { id } = await create(PHONE);
  const reader = desk.caller({ subscribe: ["production.>"] });
  const writer = desk.caller({ manage: ["production.>"] });
  expect(await desk.call("contact.get", { id }, reader)).toMatchObject({ id });
  const denied = error("permission_denied", "production.contact.");
  for (const [name, request] of [
    ["contact.get", { id }],
    ["contact.history", { id }],
    ["contact.list", {}],
    ["contact.list", { address: PHONE }],
  ] as const) {
    await expect(desk.call(name, request, writer)).rejects.toEqual(denied);
  }
  for (const [name, request] of [
    ["contact.create", { addresses: [EMAIL] }],
    ["contact.update", { id, name: "Ann" }],
    ["contact.add_address", { id, address: EMAIL }],
    ["contact.remove_address", { id, address: PHONE, reason: "gone" }],
  ] as const) {
    await expect(desk.call(name, request, reader)).rejects.toEqual(denied);
  }
});

test("an update changes what it names, null takes away", async () => {
  const request = { addresses: [PHONE], name: "Ann", meta: { plan: "gold" } };
  const { id } = await call("contact.create", request);
  const renamed = await call("contact.update", { id, name: "Ann Lee" });
  expect(renamed).toMatchObject({ name: "Ann Lee", meta: { plan: "gold" } });
  const cleared = await call("contact.update", { id, name: null, meta: {} });
  expect(cleared).toMatchObject({ name: null, meta: {} });
});

test("who is not there is not found", async () => {
  for (const name of ["contact.get", "contact.history", "contact.update"]) {
    await expect(desk.call(name, { id: "nobody" })).rejects.toEqual(error("not_found", "nobody"));
  }
});

test("the list gives every contact once, page by page", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 5; i += 1) ids.push((await create(`slack:U${i}`)).id);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = (await desk.call("contact.list", { limit: 2, cursor })) as ContactsPage;
    found.push(...page.contacts.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(found).toEqual([...ids].sort());
});

describe("resolving an address", () => {
  const spellings = [PHONE, "tel:+44 7700 900123", "sms:00447700900123"];
  const manyAtOnce = () =>
    Promise.all(Array.from({ length: 50 }, (_, i) => resolve(spellings[i % 3] ?? PHONE)));

  async function countOfContacts(): Promise<number> {
    return ((await desk.call("contact.list", { limit: 1000 })) as ContactsPage).contacts.length;
  }

  test("fifty times at once makes one contact", async () => {
    const resolved = new Set(await manyAtOnce());
    expect([...resolved]).toEqual([`contact:${await find(PHONE)}`]);
    expect(await countOfContacts()).toBe(1);
  });

  test("fifty times at once makes one contact again after the first ones lost it", async () => {
    const seen = new Set<string>();
    for (let turn = 1; turn <= 4; turn += 1) {
      const resolved = new Set(await manyAtOnce());
      const id = await find(PHONE);
      expect([...resolved]).toEqual([`contact:${id}`]);
      expect(await countOfContacts()).toBe(turn);
      seen.add(`${id}`);
      await call("contact.remove_address", { id, address: PHONE, reason: "number given up" });
    }
    expect(seen.size).toBe(4);
  });

  test("while others create a contact with it leads to the one who has it", async () => {
    const created = Array.from({ length: 10 }, () => create(PHONE));
    const outcomes = Promise.allSettled(created);
    const resolved = new Set(await manyAtOnce());
    expect([...resolved]).toEqual([`contact:${await find(PHONE)}`]);
    expect((await outcomes).filter(({ status }) => status === "fulfilled").length).toBeLessThan(2);
    expect(await countOfContacts()).toBe(1);
  });

  test("leads to whom it moved to, and makes nobody new", async () => {
    const first = await resolve(PHONE);
    const id = first.slice("contact:".length);
    await call("contact.rotate_address", { id, from: PHONE, to: NEW_PHONE, reason: "new number" });
    const heir = await create(PHONE);
    expect(await resolve(PHONE)).toBe(`contact:${heir.id}`);
    expect(await resolve(NEW_PHONE)).toBe(first);
    expect(await countOfContacts()).toBe(2);
  });

  test("needs manage where it makes somebody new, and only there", async () => {
    const nobody = desk.caller({});
    await expect(contactBehind(desk.context, nobody, PHONE)).rejects.toEqual(
      error("permission_denied", "manage"),
    );
    const { id } = await create(PHONE);
    expect(await contactBehind(desk.context, nobody, PHONE)).toBe(`contact:${id}`);
  });
});

describe("a channel", () => {
  test("opened with a contact that was merged is that of the one it was merged into", async () => {
    const [ann, other] = [await create(PHONE), await create(EMAIL)];
    await call("contact.merge", { id: ann.id, from: other.id, reason: "same person" });
    const agent = desk.caller({ publish: ["production.sms.*"] });
    const open = async (...participants: string[]): Promise<string> => {
      const opened = await desk.call("channel.open", { type: "sms", participants }, agent);
      return (opened as ChannelInfo).channel;
    };
    const channel = await open(`contact:${ann.id}`);
    expect(await open(`contact:${other.id}`)).toBe(channel);
    expect(await open(EMAIL)).toBe(channel);
    await expect(open(`contact:${ann.id}`, `contact:${other.id}`)).rejects.toEqual(
      error("bad_request", "named once"),
    );
  });
});
