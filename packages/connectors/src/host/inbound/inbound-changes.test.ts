import { consentKey, deliveryKey, exchangeKey, messageKey } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { InboundEvent, InboundReceipt } from "../../contract/inbound-event.ts";
import {
  createMemoryBackend,
  eventually,
  type InboundBackend,
  InboundNode,
  onlyMessage,
} from "./inbound-node.fixture.ts";
import { byRaven, letter } from "./raven.fixture.ts";

const ANN = { addresses: ["raven:ann"] };
const EVE = { addresses: ["raven:eve"] };

let backend: InboundBackend;
let node: InboundNode;

beforeEach(async () => {
  backend = await createMemoryBackend();
  node = new InboundNode(backend);
  await node.start();
  await node.connect();
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

/** Resolves when all of the events, and whatever came before them, were handled. */
async function tell(...events: readonly InboundEvent[]): Promise<void> {
  const seen = node.events.length;
  await node.inbound.receive("tower", byRaven(events));
  await eventually(() => {
    const handled = node.events.slice(seen).filter((event) => !event.startsWith("webhook"));
    expect(handled.length).toBeGreaterThanOrEqual(events.length);
  });
}

function receipt(status: InboundReceipt["status"], changes: object): InboundReceipt {
  return { type: "receipt", at: Date.now(), status, ...changes };
}

test("an edit changes the text and keeps the rest; one that was overtaken by a later one changes nothing", async () => {
  await tell(letter("1", { meta: { mood: "good" } }));
  const { channel, id } = await onlyMessage(node);
  const edit = { type: "edit", externalId: "1", sender: ANN } as const;
  await tell({ ...edit, at: 2_000, text: "second" }, { ...edit, at: 1_000, text: "first" });
  await tell(
    { ...edit, at: 2_000, text: "second" },
    { ...edit, sender: EVE, at: 9_000, text: "Eve's" },
  );
  const message = await node.get(messageKey(channel, id));
  expect(message?.edits).toHaveLength(1);
  expect(message?.edited).toEqual({ text: "second", meta: { mood: "good", editedAt: 2_000 } });
});

test("a message is taken back by who wrote it, once, and by nobody else", async () => {
  await tell(letter("1"), letter("2", { sender: EVE }));
  const take = { type: "delete", at: 1, externalId: "1" } as const;
  await tell({ ...take, sender: EVE });
  expect(await node.entries("production.>", "delete")).toEqual([]);
  await tell({ ...take, sender: ANN }, { ...take, sender: ANN });
  const edit = { type: "edit", externalId: "1", sender: ANN, at: 1, text: "too late" } as const;
  const like = { type: "reaction", externalId: "1", sender: ANN, at: 1, emoji: "👍" } as const;
  await tell(edit, { ...like, action: "add" });
  expect(await node.entries("production.>", "delete")).toHaveLength(1);
  expect(await node.entries("production.>", "edit")).toEqual([]);
});

test("a mark on what we sent stands on it in the contact's name, and goes again", async () => {
  const channel = await node.open();
  await node.sendOut(channel, { externalId: "out-1" });
  const [message] = await node.messages();
  const like = { type: "reaction", externalId: "out-1", sender: ANN, emoji: "👍" } as const;
  await tell({ ...like, at: 1, action: "add" }, { ...like, at: 1, action: "add" });
  const key = messageKey(channel, message?.id ?? "");
  const { contacts } = await node.call<{ contacts: { id: string }[] }>("contact.list", {
    address: "raven:ann",
  });
  expect((await node.get(key))?.reactions).toEqual([
    { emoji: "👍", count: 1, accounts: [`contact:${contacts[0]?.id}`] },
  ]);
  await tell({ ...like, at: 2, action: "remove" }, { ...like, at: 3, emoji: "a b", action: "add" });
  expect((await node.get(key))?.reactions).toEqual([]);
});

test("where a person has one mark on a message, another takes its place, and what is told again takes none", async () => {
  const channel = await node.open();
  await node.sendOut(channel, { externalId: "out-1" });
  const [message] = await node.messages();
  const marks = async () => {
    const document = await node.get(messageKey(channel, message?.id ?? ""));
    return document?.reactions.map(({ emoji }) => emoji);
  };
  const mark = { type: "reaction", externalId: "out-1", sender: ANN } as const;
  const first = { ...mark, at: 1, emoji: "👍", action: "add", replaces: true } as const;
  await tell(first);
  expect(await marks()).toEqual(["👍"]);
  await tell({ ...mark, at: 2, emoji: "😂", action: "add", replaces: true }, first);
  expect(await marks()).toEqual(["😂"]);
  await tell({ ...mark, at: 3, emoji: "", action: "remove" });
  expect(await marks()).toEqual([]);
});

/** On a machine that is busy, too. */
const PATIENT = { unknownWaitMs: 60_000 };

test("a change that comes before its message waits for it", async () => {
  await node.close();
  node = new InboundNode(backend, { settings: PATIENT });
  await node.start();
  await node.inbound.receive(
    "tower",
    byRaven([{ type: "edit", externalId: "1", sender: ANN, at: 1, text: "changed" }]),
  );
  // Out of reach for the consumer, which waits on this channel: as if another connection's node had stored it.
  await node.inbound.close();
  const second = new InboundNode(backend, { settings: PATIENT });
  await second.start({ handles: false });
  await second.inbound.receive("tower", byRaven([letter("1")]));
  const [, webhook] = await second.entries("production.connection.tower", "webhook");
  await second.inbound.replay("tower", webhook?.offset ?? 0);
  await second.inbound.start();
  const { channel, id } = await onlyMessage(second);
  await eventually(async () => {
    expect((await second.get(messageKey(channel, id)))?.edited?.text).toBe("changed");
  });
  await second.close();
});

test("a change of a message that never comes is passed over", async () => {
  await tell({ type: "delete", externalId: "never", sender: ANN, at: 1 });
  expect(node.events).toContain("delete ignored");
  expect(node.errors).toEqual([]);
});

test("receipts move a delivery up by its id or by the network's, in any order and however often", async () => {
  const channel = await node.open();
  const one = await node.sendOut(channel, { externalId: "out-1" });
  const two = await node.sendOut(channel, { externalId: "out-2" });
  await tell(receipt("read", { deliveryId: one }), receipt("delivered", { deliveryId: one }));
  await tell(receipt("read", { deliveryId: one }));
  const price = { amount: 0.01, currency: "GBP" };
  await tell(receipt("delivered", { externalId: "out-2", price }));
  expect(await node.get(deliveryKey(channel, one))).toMatchObject({ status: "read" });
  expect(await node.get(deliveryKey(channel, two))).toMatchObject({ status: "delivered", price });
});

test("a receipt that is faster than our own note of the sending waits for it", async () => {
  await node.close();
  node = new InboundNode(backend, { settings: PATIENT });
  await node.start();
  const channel = await node.open();
  const steps = ["queued", "sending"];
  const id = await node.sendOut(channel, { externalId: "out-1", steps });
  await node.inbound.receive("tower", byRaven([receipt("delivered", { externalId: "out-1" })]));
  await node.stores.log.append({
    ...{ channel, id: "late-sent", kind: "delivery", sender: "account:outbound" },
    dataJson: JSON.stringify({ step: "sent", id, externalIds: ["out-1"] }),
  });
  await eventually(async () => {
    expect(await node.get(deliveryKey(channel, id))).toMatchObject({ status: "delivered" });
  });
});

test("a receipt for what nobody was sure of says what the network calls it, too", async () => {
  const channel = await node.open();
  const steps = ["queued", "sending", "unconfirmed"];
  const id = await node.sendOut(channel, { externalId: "out-1", steps });
  await tell(receipt("delivered", { deliveryId: id, externalId: "out-1" }));
  const delivery = await node.get(deliveryKey(channel, id));
  expect(delivery).toMatchObject({ status: "delivered", externalIds: ["out-1"] });
  const exchange = exchangeKey("production", "tower", delivery?.participant ?? "");
  expect(await node.get(exchange)).toMatchObject({ channel });
});

test("a receipt for nothing, or for what another connection sent, changes nothing and holds nothing up", async () => {
  const channel = await node.open();
  const id = await node.sendOut(channel, { externalId: "out-1" });
  await node.connect({ id: "keep", isDefault: false });
  const claims = byRaven([receipt("failed", { deliveryId: id })], { connection: "keep" });
  await node.inbound.receive("keep", claims);
  await eventually(() => expect(node.events).toContain("receipt ignored"));
  await tell(receipt("read", { externalId: "never" }), receipt("read", {}));
  expect(await node.get(deliveryKey(channel, id))).toMatchObject({ status: "sent" });
  expect(node.errors).toEqual([]);
});

test("a failure keeps its reason, and an address that takes no more is left in peace", async () => {
  const channel = await node.open();
  const id = await node.sendOut(channel, { externalId: "out-1" });
  const error = { class: "opted_out", code: "21610", reason: "unsubscribed" } as const;
  const failed = receipt("failed", { externalId: "out-1", error, suppressAddress: true });
  await tell(failed, failed);
  expect(await node.get(deliveryKey(channel, id))).toMatchObject({ status: "failed", error });
  expect(await node.get(consentKey("production", "raven:ann", "tower"))).toMatchObject({
    ...{ state: "out", source: "network", reason: "unsubscribed" },
  });
});

test("who has read everything has read what was sent until then, and no more", async () => {
  const channel = await node.open();
  const early = await node.sendOut(channel, { externalId: "out-1" });
  const at = (await node.get(deliveryKey(channel, early)))?.createdAt ?? 0;
  await tell({ type: "read", sender: ANN, at }, { type: "read", sender: EVE, at });
  expect(await node.get(deliveryKey(channel, early))).toMatchObject({ status: "read" });
  const late = await node.sendOut(channel, { externalId: "out-2" });
  await tell({ type: "read", sender: ANN, at: at - 10_000 });
  expect(await node.get(deliveryKey(channel, late))).toMatchObject({ status: "sent" });
});

test("a keyword is a wish and a message: the whole message, in any case; the last word counts", async () => {
  const wish = async (): Promise<string | undefined> =>
    (await node.get(consentKey("production", "raven:ann", "tower")))?.state;
  await tell(letter("1", { text: "please don't stop" }));
  expect(await wish()).toBeUndefined();
  await tell(letter("2", { text: " Stop. " }));
  expect(await wish()).toBe("out");
  await tell(letter("3", { text: "START" }));
  // Told once more, by a network that was not sure: what was said since still holds.
  await tell(letter("2", { text: " Stop. " }), letter("4", { text: "HELP" }));
  expect(await wish()).toBe("in");
  expect((await node.messages()).map(({ said }) => said.text)).toEqual([
    ...["please don't stop", " Stop. ", "START", "HELP"],
  ]);
  await tell({ type: "consent", sender: ANN, state: "out", reason: "blocked the bot", at: 5 });
  expect(await node.get(consentKey("production", "raven:ann", "tower"))).toMatchObject({
    ...{ state: "out", source: "network", reason: "blocked the bot" },
  });
});

/** Symptom: whoever wrote a mail in the name of somebody who wanted no more could make that person get some again. */
test("whoever may be somebody else asks for no messages again, but for none", async () => {
  const wish = async (): Promise<string | undefined> =>
    (await node.get(consentKey("production", "raven:ann", "tower")))?.state;
  await tell(letter("1", { text: "STOP", isSenderProven: false }));
  expect(await wish()).toBe("out");
  await tell(letter("2", { text: "START", isSenderProven: false }));
  expect(await wish()).toBe("out");
  await tell(letter("3", { text: "START", isSenderProven: true }));
  expect(await wish()).toBe("in");
  expect(await node.messages()).toHaveLength(3);
});

/**
 * Symptom: a text of a megabyte of spaces between two letters, as a mail can be, kept the whole server busy for an hour: what
 * stands around a word was looked for from each of the spaces on.
 */
test("a text that is too long for a keyword is not looked through for one", async () => {
  const startedAt = performance.now();
  await tell(letter("1", { text: `x${" ".repeat(100_000)}x` }));
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test("an operator's word on a contact's wish counts as any other's", async () => {
  const { id } = await node.call<{ id: string }>("contact.create", { addresses: ["raven:ann"] });
  const wish = { id, address: "raven:ann", state: "out", reason: "asked by phone" };
  await node.call("contact.consent", wish);
  expect(await node.get(consentKey("production", "raven:ann", null))).toMatchObject({
    ...{ state: "out", source: "operator" },
  });
  await expect(
    node.call("contact.consent", { ...wish, address: "raven:eve" }),
  ).rejects.toMatchObject({ code: "not_found" });
});

test("a change of name that is told late does not touch who has the old name by now", async () => {
  await tell(letter("1"));
  const change = { type: "identity_changed", from: "raven:ann", to: "raven:anna" } as const;
  await tell({ ...change, at: Date.now() - 3_600_000 });
  const { contacts } = await node.call<{ contacts: unknown[] }>("contact.list", {
    address: "raven:ann",
  });
  expect(contacts).toHaveLength(1);
  await tell({ ...change, from: "raven:nobody", at: Date.now() });
  expect(node.errors).toEqual([]);
});

test("who becomes somebody who is known already is one with them, and the old name is free", async () => {
  await tell(letter("1"), letter("2", { sender: { addresses: ["raven:anna"] } }));
  const change = { type: "identity_changed", from: "raven:ann", to: "raven:anna" } as const;
  await tell({ ...change, at: Date.now() });
  const messages = await node.messages();
  const one = messages.find(({ said }) => said.text === "letter 1");
  const two = messages.find(({ said }) => said.text === "letter 2");
  const owner = await node.call("contact.list", { address: "raven:anna" });
  expect(owner).toMatchObject({ contacts: [{ id: one?.sender.slice("contact:".length) }] });
  expect(await node.call("contact.list", { address: "raven:ann" })).toEqual({ contacts: [] });
  expect(one?.sender).not.toBe(two?.sender);
});

test("who is writing is shown on the channel of the conversation, and nowhere else", async () => {
  await tell(letter("1"));
  const { channel, sender } = await onlyMessage(node);
  const heard: object[] = [];
  const watch = node.stores.presence.watch({ onEvent: (event) => void heard.push(event) });
  watch.follow(channel);
  await tell({ type: "typing", sender: ANN, at: 1 }, { type: "typing", sender: EVE, at: 1 });
  await eventually(() =>
    expect(heard).toMatchObject([
      { type: "signal", channel, kind: "typing", member: { user: sender } },
    ]),
  );
  watch.stop();
});

test("of one request different conversations do not wait for each other", async () => {
  await node.close();
  const eveSpoke = Promise.withResolvers<void>();
  node = new InboundNode(backend, {
    before: async (draft) => {
      if (draft.dataJson.includes("letter 1")) await eveSpoke.promise;
      if (draft.dataJson.includes("letter 2")) eveSpoke.resolve();
      if (draft.dataJson.includes("letter 9")) throw new AnywireError("bad_request", "no");
      return draft;
    },
  });
  await node.start();
  await tell(letter("1"), letter("2", { sender: EVE }), letter("3"));
  // Letter 1 waits until letter 2 is looked at; which of the two is stored first after that is open.
  const texts = (await node.messages()).map(({ said }) => said.text);
  expect([...texts].sort()).toEqual(["letter 1", "letter 2", "letter 3"]);
  expect(texts.indexOf("letter 1")).toBeLessThan(texts.indexOf("letter 3"));
});

test("of one connection different conversations do not wait for each other, however slow one of them is", async () => {
  await node.close();
  const eveSpoke = Promise.withResolvers<void>();
  node = new InboundNode(backend, {
    before: async (draft) => {
      if (draft.dataJson.includes("letter 1")) await eveSpoke.promise;
      if (draft.dataJson.includes("letter 4")) eveSpoke.resolve();
      return draft;
    },
  });
  await node.start();
  await node.inbound.receive("tower", byRaven([letter("1")]));
  await node.inbound.receive("tower", byRaven([letter("2")]));
  // What it is about never comes: that is waited for, and holds back nobody.
  await node.inbound.receive("tower", byRaven([receipt("read", { externalId: "never" })]));
  await node.inbound.receive("tower", byRaven([letter("3", { sender: EVE })]));
  await node.inbound.receive("tower", byRaven([letter("4", { sender: EVE })]));
  await eventually(async () => expect(await node.messages()).toHaveLength(4));
  const texts = (await node.messages()).map(({ said }) => said.text);
  const own = (...wanted: string[]): unknown[] => texts.filter((one) => wanted.includes(`${one}`));
  expect(own("letter 1", "letter 2")).toEqual(["letter 1", "letter 2"]);
  expect(own("letter 3", "letter 4")).toEqual(["letter 3", "letter 4"]);
});

test("a body that is not in the log holds its place", async () => {
  await node.close();
  node = new InboundNode(backend, { settings: { inlineBytes: 250 } });
  await node.start({ handles: false });
  const long = { text: "long ".repeat(100) };
  for (let i = 1; i <= 6; i += 1) {
    await node.inbound.receive("tower", byRaven([letter(`${i}`, i % 2 === 0 ? long : {})]));
  }
  await node.inbound.start();
  await eventually(async () => expect(await node.messages()).toHaveLength(6));
  const decided = await node.entries("production.connection.tower", "inbound");
  const order = decided.map(
    ({ dataJson }) => (JSON.parse(dataJson) as { externalId: string }).externalId,
  );
  expect(order).toEqual(["1", "2", "3", "4", "5", "6"]);
  const kept = await node.entries("production.connection.tower", "webhook");
  expect(kept.filter(({ dataJson }) => dataJson.includes('"body":{"blob":'))).toHaveLength(3);
});
