import { contactKey, exchangeKey } from "@anywire/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  describeOnEngines,
  eventually,
  type InboundBackend,
  InboundNode,
  onlyMessage,
} from "./inbound-node.fixture.ts";
import { byRaven, letter } from "./raven.fixture.ts";

interface Contacts {
  readonly contacts: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly addresses: readonly { readonly address: string }[];
  }[];
}

describeOnEngines("a message that comes in", (createBackend) => {
  let backend: InboundBackend;
  let node: InboundNode;

  beforeEach(async () => {
    backend = await createBackend();
    node = new InboundNode(backend);
    await node.start();
    await node.connect();
  });

  afterEach(async () => {
    await node.close();
    await backend.dispose();
  });

  /** Resolves once there are so many messages. */
  async function hear(count: number): ReturnType<InboundNode["messages"]> {
    return await eventually(async () => {
      const messages = await node.messages();
      expect(messages).toHaveLength(count);
      return messages;
    });
  }

  test("from a stranger opens a channel with the default accounts, and the next one comes there, too", async () => {
    await node.inbound.receive("tower", byRaven([letter("1")]));
    const first = await onlyMessage(node);
    const channel = await node.call("channel.get", { channel: first.channel });
    expect(channel).toMatchObject({ type: "raven", connection: "tower" });
    expect(channel).toMatchObject({ participants: ["account:bob", first.sender] });
    const found = await node.call<Contacts>("contact.list", { address: "raven:ann" });
    expect(found).toMatchObject({ contacts: [{ name: "Ann" }] });
    await node.inbound.receive("tower", byRaven([letter("2")]));
    const messages = await hear(2);
    expect(messages.map((one) => [one.channel, one.said.text])).toEqual([
      [first.channel, "letter 1"],
      [first.channel, "letter 2"],
    ]);
  });

  /**
   * Symptom: whoever sent a mail with the id of another's mail, which they had a copy of, made that one a duplicate when it came,
   * and nobody ever read it.
   */
  test("is not lost because another person's came before it under the same id", async () => {
    const eve = { addresses: ["raven:eve"] };
    await node.inbound.receive("tower", byRaven([letter("1", { sender: eve, text: "not yours" })]));
    await hear(1);
    await node.inbound.receive("tower", byRaven([letter("1"), letter("1")]));
    await node.inbound.receive("tower", byRaven([letter("1"), letter("2", { sender: eve })]));
    const messages = await hear(3);
    const texts = messages.map(({ said }) => said.text);
    // Different people's, so in any order.
    expect(texts.toSorted()).toEqual(["letter 1", "letter 2", "not yours"]);
    const own = messages[texts.indexOf("letter 1")];
    expect(own?.channel).not.toBe(messages[0]?.channel);
  });

  test("is a duplicate still when its sender has another address meanwhile", async () => {
    await node.inbound.receive("tower", byRaven([letter("1")]));
    await onlyMessage(node);
    const change = { type: "identity_changed", at: Date.now(), from: "raven:ann", to: "raven:ada" };
    await node.inbound.receive("tower", byRaven(JSON.stringify([change])));
    await node.inbound.receive("tower", byRaven([letter("1")]));
    await eventually(() => expect(node.events).toContain("message duplicate"));
    expect((await node.call<Contacts>("contact.list", {})).contacts).toHaveLength(1);
  });

  test("comes to the channel of the latest message to its sender, through the address it answers", async () => {
    const one = await node.open({ thread: "one" });
    const two = await node.open({ thread: "two" });
    await node.sendOut(one, { externalId: "out-1", from: "raven:north" });
    await node.sendOut(two, { externalId: "out-2", from: "raven:south" });
    const events = [
      letter("1", { receiver: "raven:north" }),
      letter("2", { receiver: "raven:elsewhere" }),
      letter("3"),
    ];
    await node.inbound.receive("tower", byRaven(events));
    await eventually(async () => {
      const channels = (await node.messages())
        .filter(({ sender }) => sender.startsWith("contact:"))
        .map((message) => [message.said.text, message.channel]);
      expect(channels).toEqual([
        ["letter 1", one],
        ["letter 2", two],
        ["letter 3", two],
      ]);
    });
  });

  test("stays on the channel when the contact's address rotates, and when two contacts turn out to be one", async () => {
    await node.inbound.receive("tower", byRaven([letter("1")]));
    const { channel } = await onlyMessage(node);
    const change = { type: "identity_changed", at: Date.now(), to: "raven:anna" } as const;
    await node.inbound.receive("tower", byRaven([{ ...change, from: "raven:ann" }]));
    const anna = { sender: { addresses: ["raven:anna"] } };
    await node.inbound.receive("tower", byRaven([letter("2", anna)]));
    await hear(2);
    // Another raven, whose rider the network names together with Anna then.
    const other = { sender: { addresses: ["raven:anna-2"] } };
    await node.inbound.receive("tower", byRaven([letter("3", other)]));
    await hear(3);
    const both = { sender: { addresses: ["raven:anna", "raven:anna-2"] } };
    await node.inbound.receive("tower", byRaven([letter("4", both), letter("5", other)]));
    const messages = await hear(5);
    const [, , third] = messages;
    expect(third?.channel).not.toBe(channel);
    expect(messages.map((one) => one.channel)).toEqual([
      ...[channel, channel, third?.channel],
      ...[channel, channel],
    ]);
    const { contacts } = await node.call<Contacts>("contact.list", { address: "raven:anna-2" });
    expect(contacts[0]?.addresses.map(({ address }) => address)).toEqual([
      "raven:anna",
      "raven:anna-2",
    ]);
    const gone = await node.call<Contacts>("contact.list", { address: "raven:ann" });
    expect(gone.contacts).toEqual([]);
  });

  test("of a contact that was merged comes to the channel it had, in the name it has there", async () => {
    await node.inbound.receive("tower", byRaven([letter("1")]));
    const first = await onlyMessage(node);
    const into = await node.call<{ id: string }>("contact.create", { addresses: ["raven:boss"] });
    const from = first.sender.slice("contact:".length);
    await node.call("contact.merge", { id: into.id, from, reason: "same person" });
    await node.inbound.receive("tower", byRaven([letter("2")]));
    const messages = await hear(2);
    expect(messages.map(({ channel, sender }) => [channel, sender])).toEqual([
      [first.channel, first.sender],
      [first.channel, first.sender],
    ]);
    expect(await node.get(contactKey(`production.contact.${into.id}`))).toMatchObject({
      name: "Ann",
    });
  });

  test("goes where a function sends it, and what its sender writes next is asked for there", async () => {
    await node.close();
    const asked: string[] = [];
    node = new InboundNode(backend, {
      before: (draft) => {
        if (draft.kind === "message" && draft.sender.startsWith("contact:"))
          asked.push(draft.channel);
        return draft.channel.startsWith("production.raven.")
          ? { ...draft, channel: "production.group.sales" }
          : draft;
      },
    });
    await node.start();
    await node.inbound.receive("tower", byRaven([letter("1")]));
    await onlyMessage(node);
    await node.inbound.receive("tower", byRaven([letter("2")]));
    const messages = await hear(2);
    expect(messages.map(({ channel }) => channel)).toEqual([
      "production.group.sales",
      "production.group.sales",
    ]);
    expect(asked[1]).toBe("production.group.sales");
    // The channel that it would have gone to was never opened, and stands in nobody's list.
    expect(await node.entries("production.raven.*")).toEqual([]);
    const exchange = exchangeKey("production", "tower", messages[0]?.sender ?? "");
    expect(await node.get(exchange)).toMatchObject({ channel: "production.group.sales" });
  });

  test("that begins a thread has a channel of its own; one that refers to a known message comes to it", async () => {
    const titled = { thread: "invoice", title: "Invoice\n for May" };
    await node.inbound.receive("tower", byRaven([letter("1"), letter("2", titled)]));
    const [plain, invoice] = await hear(2);
    expect(invoice?.channel).not.toBe(plain?.channel);
    const channel = await node.call("channel.get", { channel: invoice?.channel });
    expect(channel).toMatchObject({ title: "Invoice for May" });
    const answers = [
      letter("3", { thread: "re: invoice", references: ["unknown", "2", "1"] }),
      letter("4", { references: [`channel:${invoice?.channel}`] }),
      letter("5", { replyTo: "2" }),
      letter("6", { thread: "invoice" }),
    ];
    await node.inbound.receive("tower", byRaven(answers));
    const messages = await hear(6);
    expect(messages.slice(2).map((one) => one.channel)).toEqual(Array(4).fill(invoice?.channel));
    expect(messages[4]?.said.replyTo).toBe(invoice?.id);
  });

  test("reaches who an operator gave the address to a moment before", async () => {
    await node.close();
    let isFirst = true;
    const rival = new InboundNode(backend);
    await rival.start({ handles: false });
    node = new InboundNode(backend, {
      async around(draft, append) {
        if (draft.kind === "contact" && isFirst) {
          isFirst = false;
          await rival.call("contact.create", { addresses: ["raven:ann"], name: "Annabel" });
        }
        return await append();
      },
    });
    await node.start();
    await node.inbound.receive("tower", byRaven([letter("1")]));
    const { sender } = await onlyMessage(node);
    const found = await node.call<Contacts>("contact.list", { address: "raven:ann" });
    expect(found).toMatchObject({
      contacts: [{ id: sender.slice("contact:".length), name: "Annabel" }],
    });
    await rival.close();
  });

  test("does not get into a channel by a token or an id when its sender takes no part there", async () => {
    await node.inbound.receive("tower", byRaven([letter("1")]));
    const { channel } = await onlyMessage(node);
    const eve = { sender: { addresses: ["raven:eve"] } };
    const references = [`channel:${channel}`, "1", "channel:staging.raven.x", "channel:nonsense"];
    const event = letter("2", { ...eve, references, replyTo: "1" });
    await node.inbound.receive("tower", byRaven([event]));
    const [, second] = await hear(2);
    expect(second?.channel).not.toBe(channel);
    expect(second?.said.replyTo).toBeUndefined();
  });

  test("opens a channel again that was archived", async () => {
    await node.inbound.receive("tower", byRaven([letter("1")]));
    const { channel } = await onlyMessage(node);
    await node.call("channel.update", { channel, archived: true });
    await node.inbound.receive("tower", byRaven([letter("2")]));
    const messages = await hear(2);
    expect(messages[1]?.channel).toBe(channel);
    expect(await node.call("channel.get", { channel })).toMatchObject({ archived: false });
  });

  test("that went out by us is not taken for one that came in", async () => {
    const channel = await node.open();
    await node.sendOut(channel, { externalId: "out-1" });
    await node.inbound.receive("tower", byRaven([letter("out-1"), letter("2")]));
    await hear(2);
    expect(node.events).toContain("message ignored");
  });
});
