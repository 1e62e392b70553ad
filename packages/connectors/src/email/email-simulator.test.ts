import { afterEach, expect, test, vi } from "vitest";
import type { Simulator, SimulatorOptions } from "../contract/simulator.ts";
import { email } from "./email-connector.ts";
import type { EmailContext } from "./email-settings.ts";
import { contextFor, Inbox, jobOf } from "./email-setup.fixture.ts";
import { createEmailSimulator } from "./email-simulator.ts";

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(
  options: Partial<SimulatorOptions> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<{ simulator: Simulator; context: EmailContext; inbox: Inbox }> {
  const simulator = await createEmailSimulator({ webhookUrl: "http://127.0.0.1:1", ...options });
  const context = contextFor(simulator, settings);
  const inbox = new Inbox();
  const end = new AbortController();
  const listening = email.listen(context, inbox, end.signal);
  closing.push(async () => {
    end.abort();
    await Promise.all([listening, simulator.close()]);
  });
  return { simulator, context, inbox };
}

test("a message arrives in a person's mailbox, and the answer comes back to its channel", async () => {
  const { simulator, context, inbox } = await start();
  // Without them, the second mail of a thread stands alone in the person's mailbox.
  expect(email.capabilities(context).references).toBe(true);
  const sent = await email.send(jobOf(), context);
  expect(sent).toMatchObject({ outcome: "accepted" });
  const [received] = simulator.handset.messages("ann@example.org");
  expect(received).toMatchObject({
    direction: "in",
    subject: "Your parcel",
    text: "Your parcel is here.",
    business: "help@anywire.test",
  });
  const answer = await simulator.handset.write("ann@example.org", {
    text: "Thank you!",
    replyTo: received?.id ?? "",
  });
  await simulator.idle();
  expect(await inbox.events(context)).toEqual([
    expect.objectContaining({
      type: "message",
      externalId: answer.id,
      text: "Thank you!",
      replyTo: received?.id,
      references: ["channel:production.email.c1", received?.id],
      receiver: "reply@anywire.test",
      thread: "your parcel",
      sender: { addresses: ["email:ann@example.org"] },
    }),
  ]);
});

test("an attachment goes both ways as it is", async () => {
  const { simulator, context, inbox } = await start();
  const bytes = new Uint8Array([0, 255, 13, 10, 46, 13, 10, 200]);
  const source = {
    name: "a.png",
    mimeType: "image/png",
    sizeBytes: bytes.length,
    url: "https://chat.test/a.png",
    open: async () => new Blob([bytes]).stream(),
  };
  const part = { type: "image", url: source.url } as const;
  await email.send(jobOf({}, { media: [{ part, source }] }), context);
  const [received] = simulator.handset.messages("ann@example.org");
  expect(received?.media).toEqual([
    {
      name: "a.png",
      mimeType: "image/png",
      url: `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`,
    },
  ]);
  const media = { name: "b.png", mimeType: "image/png", bytes };
  await simulator.handset.write("ann@example.org", { text: "Look", media });
  await simulator.idle();
  const [event] = await inbox.events(context);
  expect(event).toMatchObject({
    media: [{ kind: "image", name: "b.png", mimeType: "image/png", sizeBytes: 8, bytes }],
  });
});

test("a mail that comes back is a receipt of its delivery", async () => {
  const { simulator, context, inbox } = await start();
  simulator.inject({ kind: "fail_later", times: 1 });
  const sent = await email.send(jobOf({ deliveryId: "d7" }), context);
  await simulator.idle();
  expect(sent.outcome).toBe("accepted");
  expect(await inbox.events(context)).toMatchObject([
    {
      type: "receipt",
      deliveryId: "d7",
      externalId: sent.outcome === "accepted" && sent.externalIds[0],
      status: "failed",
      error: { class: "unreachable", code: "5.2.1" },
    },
  ]);
});

test("a reader confirms only where the connection asks for it", async () => {
  const asking = await start({ readsAtOnce: true });
  await email.send(jobOf({ deliveryId: "d8" }), asking.context);
  await asking.simulator.idle();
  expect(await asking.inbox.events(asking.context)).toMatchObject([
    { type: "receipt", status: "read", deliveryId: "d8" },
  ]);
  const silent = await start({ readsAtOnce: true }, { readReceipts: false });
  await email.send(jobOf(), silent.context);
  await silent.simulator.idle();
  expect(silent.inbox.requests).toEqual([]);
  expect(silent.simulator.handset.messages("ann@example.org")[0]?.status).toBe("read");
});

test("mail is lost, doubled or out of order as it is told to be", async () => {
  const { simulator, context, inbox } = await start();
  simulator.inject({ kind: "drop_webhook", times: 1 });
  await simulator.handset.write("ann@example.org", { text: "lost" });
  simulator.inject({ kind: "duplicate_webhook", times: 1 });
  await simulator.handset.write("ann@example.org", { text: "twice" });
  simulator.inject({ kind: "reorder_webhook", times: 1 });
  await simulator.handset.write("ann@example.org", { text: "second" });
  await simulator.handset.write("ann@example.org", { text: "first" });
  await simulator.idle();
  const events = await inbox.events(context);
  const texts = events.map((event) => event.type === "message" && event.text);
  expect(texts).toEqual(["twice", "twice", "first", "second"]);
  const [one, other] = events.map((event) => event.type === "message" && event.externalId);
  expect(one).toBe(other);
});

test("a mail comes again when it could not be stored", async () => {
  const { simulator, inbox } = await start();
  let attempts = 0;
  inbox.store = async () => {
    attempts += 1;
    if (attempts === 1) throw new Error("the disk is full");
  };
  await simulator.handset.write("ann@example.org", { text: "Hello" });
  await vi.waitFor(() => expect(inbox.requests).toHaveLength(1));
  expect(attempts).toBe(2);
});

test("nobody can be a person whose name is no mailbox", async () => {
  const { simulator } = await start();
  await expect(simulator.handset.write("ann", { text: "Hello" })).rejects.toThrow("no mailbox");
});
