import type { AnywireClient, ConnectionState } from "@anywire/client";
import { AnywireError } from "@anywire/types";
import { expect, test, vi } from "vitest";
import { AccountNames } from "./account-names.ts";

const PROFILES = new Map([
  ["june", "June Carter"],
  ["bob", null],
]);

const CONTACTS = new Map([
  ["k3f0aa11", { name: "Ann Lee", addresses: [], mergedInto: null }],
  ["c4", { name: null, addresses: [{ address: "phone:+447700900123" }], mergedInto: null }],
  ["old", { name: "Ann", addresses: [], mergedInto: "k3f0aa11" }],
]);

function contactOf(id: string) {
  const contact = CONTACTS.get(id);
  if (contact === undefined) throw new AnywireError("permission_denied", "not for you");
  return contact;
}

/** A server that knows of June's name, and of Bob that he has none. */
function serverOfTest(initial: ConnectionState = "connected") {
  let state = initial;
  const asked: string[] = [];
  const listeners: (() => void)[] = [];
  const client = {
    get state() {
      return state;
    },
    on: (_: "state", listener: () => void) => listeners.push(listener),
    async call(method: "account.get" | "contact.get", { id }: { id: string }) {
      asked.push(id);
      // As long as an answer takes.
      await new Promise(setImmediate);
      if (state !== "connected") throw new AnywireError("unavailable", "gone");
      if (method === "contact.get") return contactOf(id);
      if (!PROFILES.has(id)) throw new AnywireError("not_found", "nobody");
      return { name: PROFILES.get(id) };
    },
  } as unknown as AnywireClient;
  const become = (next: ConnectionState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const clock = { now: 0 };
  return { names: new AccountNames(client, () => clock.now), asked, become, clock };
}

test("an account is called by its name as soon as that is known, and asked for once", async () => {
  const { names, asked } = serverOfTest();
  const changed = vi.fn();
  names.subscribe(changed);
  const first = names.getState();
  expect(first("account:june")).toBe("June");
  await vi.waitUntil(() => changed.mock.calls.length > 0);
  expect(names.getState()).not.toBe(first);
  expect(names.getState()("account:june")).toBe("June Carter");
  names.getState()("account:june");
  await Promise.resolve();
  expect(asked).toEqual(["june"]);
});

test("without a name, an account or a kind that has names, the address is what there is", async () => {
  const { names, asked } = serverOfTest();
  const addresses = ["account:bob", "account:ann", "phone:+447700900123", "function:echo"];
  const nameOf = names.getState();
  addresses.map(nameOf);
  await vi.waitUntil(() => asked.length === 2);
  expect(addresses.map(names.getState())).toEqual(["Bob", "Ann", "+447700900123", "echo"]);
  expect(asked).toEqual(["bob", "ann"]);
});

test("what is seen without a connection is asked as soon as there is one", async () => {
  const { names, asked, become } = serverOfTest("connecting");
  names.getState()("account:june");
  await Promise.resolve();
  expect(asked).toEqual([]);
  become("connected");
  await vi.waitUntil(() => names.getState()("account:june") === "June Carter");
  expect(asked).toEqual(["june"]);
});

test("what was asked as the connection went is asked once more", async () => {
  const { names, asked, become } = serverOfTest();
  names.getState()("account:june");
  await Promise.resolve();
  expect(asked).toEqual(["june"]);
  become("disconnected");
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(names.getState()("account:june")).toBe("June");
  become("connected");
  await vi.waitUntil(() => names.getState()("account:june") === "June Carter");
  expect(asked).toEqual(["june", "june"]);
});

test("a contact is called by its name, else by where it is reached, else by a short id", async () => {
  const { names } = serverOfTest();
  const addresses = ["contact:k3f0aa11", "contact:c4", "contact:old", "contact:secret-contact"];
  expect(addresses.map(names.getState())[0]).toBe("Contact k3f0aa");
  await vi.waitFor(() =>
    expect(addresses.map(names.getState())).toEqual([
      "Ann Lee",
      "+447700900123",
      "Ann Lee",
      "Contact secret",
    ]),
  );
});

// Channels went on under the number that somebody had when the page was opened, and messages went to the new one.
test("whoever got another number is called by it when seen a while later", async () => {
  const { names, asked, clock } = serverOfTest();
  const changed = vi.fn();
  names.subscribe(changed);
  names.getState()("contact:c4");
  await vi.waitUntil(() => names.getState()("contact:c4") === "+447700900123");
  const before = CONTACTS.get("c4");
  CONTACTS.set("c4", {
    name: null,
    addresses: [{ address: "phone:+447700900999" }],
    mergedInto: null,
  });
  clock.now += 30_000;
  names.getState()("contact:c4");
  await vi.waitUntil(() => names.getState()("contact:c4") === "+447700900999");
  expect(changed).toHaveBeenCalledTimes(2);
  clock.now += 30_000;
  names.getState()("contact:c4");
  await vi.waitUntil(() => asked.length === 3);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  // What is as it was is nothing to draw again.
  expect(changed).toHaveBeenCalledTimes(2);
  if (before !== undefined) CONTACTS.set("c4", before);
});
