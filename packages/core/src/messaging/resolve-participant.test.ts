import type { ChannelInfo, Contact, ContactsPage } from "@anywire/types";
import { beforeEach, describe, expect, test } from "vitest";
import { principalOf } from "../access/principal.ts";
import { type ContactDesk, createContactDesk } from "../contacts/contact-desk.fixture.ts";
import type { Caller } from "./operation.ts";

const PHONE = "phone:+447700900123";
const EMAIL = "email:ann@example.org";

let desk: ContactDesk;
/** May open channels over networks, and knows no contact. */
let agent: Caller;
/** Has a token without a pattern. */
let bob: Caller;

beforeEach(async () => {
  desk = await createContactDesk();
  agent = desk.caller({ publish: ["production.>"], manage: ["production.mass.*"] });
  bob = { principal: principalOf({ sub: "bob", platform: "production" }) };
  await desk.call("me.snapshot", {}, bob);
});

async function create(...addresses: string[]): Promise<string> {
  return `contact:${((await desk.call("contact.create", { addresses })) as Contact).id}`;
}

function idOf(contact: string): string {
  return contact.slice("contact:".length);
}

async function open(
  type: string,
  participants: readonly string[],
  caller = agent,
): Promise<ChannelInfo> {
  return (await desk.call("channel.open", { type, participants }, caller)) as ChannelInfo;
}

async function countOfContacts(): Promise<number> {
  return ((await desk.call("contact.list", {})) as ContactsPage).contacts.length;
}

function error(code: string, words: string) {
  return expect.objectContaining({ code, message: expect.stringContaining(words) });
}

describe("opening a channel", () => {
  test("with a contact that is not there is refused, and the error says how one is made", async () => {
    await expect(open("sms", ["contact:nobody"])).rejects.toEqual(
      error("not_found", "production knows no contact:nobody; a contact is made at /v1/contacts"),
    );
    await expect(open("group", ["account:nobody"])).rejects.toEqual(
      error("not_found", "production knows no account:nobody; an account is known once"),
    );
  });

  test("with a contact of another platform is refused as if there were none", async () => {
    const contact = await create(PHONE);
    const patterns = { publish: ["staging.>"], manage: ["staging.>"] };
    const other = { principal: principalOf({ sub: "eve", platform: "staging", ...patterns }) };
    await expect(open("sms", [contact], other)).rejects.toEqual(
      error("not_found", `staging knows no ${contact}`),
    );
    // The same address is another contact there.
    const { participants } = await open("sms", [PHONE], other);
    expect(participants).not.toContain(contact);
  });

  test("with a contact that was merged twice is opening it with the one that is left", async () => {
    const [first, second, third] = [
      await create(PHONE),
      await create(EMAIL),
      await create("x:ann"),
    ] as const;
    const merge = (id: string, from: string) =>
      desk.call("contact.merge", { id: idOf(id), from: idOf(from), reason: "same person" });
    await merge(second, first);
    await merge(third, second);
    expect((await open("sms", [first])).participants).toEqual(["account:desk", third]);
  });

  test("inside the app refuses contacts before it looks for them: none is made, and nobody learns who is there", async () => {
    await create(PHONE);
    for (const type of ["group", "direct"]) {
      for (const outside of [PHONE, EMAIL, "contact:nobody"]) {
        for (const caller of [bob, desk.desk]) {
          await expect(open(type, [outside], caller)).rejects.toEqual(
            error(
              "bad_request",
              `${outside} is no account, and a ${type} channel stays in the app`,
            ),
          );
        }
      }
    }
    expect(await countOfContacts()).toBe(1);
  });

  test("with what is no id is refused", async () => {
    for (const [type, address] of [
      ["group", "account:a b"],
      ["sms", "contact:a.b"],
    ] as const) {
      await expect(open(type, [address])).rejects.toEqual(
        error("bad_request", `${address} is no ${address.split(":")[0]}'s address`),
      );
    }
  });
});

describe("the participants of a channel", () => {
  async function group(): Promise<string> {
    return (await open("group", ["account:bob"])).channel;
  }

  function change(name: string, request: object, caller = agent): Promise<unknown> {
    return desk.call(name, request, caller);
  }

  test("cannot come to be contacts where the channel stays in the app", async () => {
    const channel = await group();
    const contact = await create(PHONE);
    for (const outside of [contact, PHONE, EMAIL]) {
      const request = { channel, participants: [outside] };
      await expect(change("channel.add", request, bob)).rejects.toEqual(
        error("bad_request", "stays in the app"),
      );
    }
    expect(await countOfContacts()).toBe(1);
  });

  test("are removed and given roles without a contact being made for an address that nobody has", async () => {
    const channel = await group();
    const contact = await create(EMAIL);
    for (const outside of [PHONE, EMAIL, contact, "contact:nobody"]) {
      const refused = error("not_found", `${outside} does not take part in ${channel}`);
      const remove = { channel, participants: [outside] };
      await expect(change("channel.remove", remove, bob)).rejects.toEqual(
        error("permission_denied", channel),
      );
      await expect(change("channel.remove", remove, desk.desk)).rejects.toEqual(refused);
      const role = { channel, participant: outside, role: "member" };
      await expect(change("channel.role", role, desk.desk)).rejects.toEqual(refused);
    }
    expect(await countOfContacts()).toBe(1);
  });

  test("are removed by the name they came with, or an address, also when they were merged since", async () => {
    const [ann, other, third] = [await create(PHONE), await create(EMAIL), await create("x:c")];
    const { channel } = await open("mass", [ann, other, third]);
    await desk.call("contact.merge", { id: idOf(ann), from: idOf(other), reason: "same" });
    const remove = async (address: string) =>
      ((await change("channel.remove", { channel, participants: [address] })) as ChannelInfo)
        .participants;
    expect(await remove(other)).toEqual(["account:desk", ann, third].sort());
    // It has gone by its own name, and is from now on the one it was merged into.
    expect(await remove(EMAIL)).toEqual(["account:desk", third].sort());
    expect(await remove("x:@C")).toEqual(["account:desk"]);
    await expect(remove(third)).rejects.toEqual(error("not_found", "does not take part"));
  });
});
