import { afterEach, describe, expect, test, vi } from "vitest";
import { createDesks, DESK_BACKENDS, PATIENT } from "./outbound-desk.fixture.ts";
import { accepted, rejected } from "./scripted-connector.fixture.ts";

describe.each(Object.entries(DESK_BACKENDS))("outbound on %s", (_name, createBackend) => {
  const { setUp, end } = createDesks(createBackend);
  afterEach(end);

  test("a message goes to the contact once, and each step is on record", async () => {
    const { network, desk, channel } = await setUp();
    desk.outbound.start();
    const { id } = await desk.say(channel, "hello");
    const delivery = await desk.untilStatus(channel, "sent");
    expect(network.jobs).toMatchObject([
      { messageId: id, to: "phone:+447700900001", deliveryId: delivery.id, attempt: 1 },
    ]);
    expect(network.texts).toEqual(["hello"]);
    expect((await desk.recorded(channel)).map(({ step }) => step)).toEqual([
      "queued",
      "sending",
      "sent",
    ]);
    expect(delivery).toMatchObject({
      participant: "contact:c1",
      externalIds: [`x-${delivery.id}`],
      attempts: 1,
    });
    expect(desk.outbound.health("main")).toMatchObject({ state: "ok" });
    expect(desk.steps.map(({ step }) => step)).toEqual(["queued", "sending", "sent"]);
    expect(desk.errors).toEqual([]);
  });

  test("what a contact says, and what is said within the app, goes nowhere", async () => {
    const { network, desk, channel } = await setUp();
    await desk.channel("p.group.g", ["c1"]);
    await desk.contact("c2", "phone:+447700900002");
    const together = await desk.channel("p.test.together", ["c1", "c2"]);
    desk.outbound.start();
    await desk.say(together, "from outside", { sender: "contact:c1" });
    await desk.say("p.group.g", "inside");
    await desk.say(channel, "last");
    await desk.untilStatus(channel, "sent");
    expect(network.texts).toEqual(["last"]);
  });

  test("a message without an address or a connection to go by is refused with the reason", async () => {
    const { network, desk } = await setUp();
    await desk.contact("mail", "email:ann@example.org");
    const noAddress = await desk.channel("p.test.mail", ["mail"]);
    const noConnection = await desk.channel("p.sms.c1", ["c1"]);
    desk.outbound.start();
    await desk.say(noAddress, "a");
    await desk.say(noConnection, "b");
    const first = await desk.untilStatus(noAddress, "failed");
    const second = await desk.untilStatus(noConnection, "failed");
    expect(first).toMatchObject({ error: { class: "no_address" }, address: null });
    expect(second).toMatchObject({ error: { class: "no_connection" }, connection: null });
    expect(network.jobs).toEqual([]);
  });

  test("what is said to a crowd goes to each once", async () => {
    const { network, desk } = await setUp();
    const ids = Array.from({ length: 250 }, (_, i) => `m${i}`);
    await Promise.all(ids.map((id, i) => desk.contact(id, `phone:+4477008${100_000 + i}`)));
    const crowd = await desk.channel("p.test.crowd", ids);
    desk.outbound.start();
    await desk.say(crowd, "hello");
    await vi.waitFor(() => expect(network.jobs.length).toBeGreaterThanOrEqual(250), PATIENT);
    await desk.until(crowd, (all) => all.every(({ status }) => status === "sent"));
    expect(network.jobs).toHaveLength(250);
    expect(new Set(network.jobs.map(({ to }) => to)).size).toBe(250);
  });

  test("a contact that was merged is written to at the address of the one it became", async () => {
    const { network, desk, channel } = await setUp();
    await desk.contact("c2", "phone:+447700900777");
    await desk.append("p.contact.c2", "contact", { action: "merged", from: "c1", reason: "same" });
    desk.outbound.start();
    await desk.say(channel, "hello");
    const delivery = await desk.untilStatus(channel, "sent");
    expect(delivery.participant).toBe("contact:c2");
    expect(network.jobs.map(({ to }) => to)).toEqual(["phone:+447700900777"]);
  });

  test("what surely failed is tried again, and holds back only its own channel", async () => {
    const { network, desk, channel } = await setUp();
    const other = await desk.person(2);
    network.otherwise = (job) =>
      job.content.text === "first" && job.attempt < 3 ? rejected("unknown") : accepted(job);
    await desk.say(channel, "first");
    await desk.say(channel, "second");
    await desk.say(other, "other");
    desk.outbound.start();
    await desk.until(channel, (all) => all.length === 2 && all.every((d) => d.status === "sent"));
    const own = network.texts.filter((text) => text !== "other");
    expect(own).toEqual(["first", "first", "first", "second"]);
    expect(network.texts.indexOf("other")).toBeLessThan(network.texts.lastIndexOf("first"));
    const postponed = (await desk.recorded(channel)).filter(({ step }) => step === "postponed");
    expect(postponed).toMatchObject([
      { isAttempt: true, error: { class: "unknown" } },
      { isAttempt: true },
    ]);
  });

  test("after the last attempt it has failed, and the channel goes on", async () => {
    const { network, desk, channel } = await setUp({}, { settings: { maxAttempts: 2 } });
    network.otherwise = (job) =>
      job.content.text === "bad" ? rejected("unreachable") : accepted(job);
    await desk.say(channel, "bad");
    await desk.say(channel, "good");
    desk.outbound.start();
    const [bad, good] = await desk.until(
      channel,
      (all) => all.length === 2 && all.every(({ isOpen }) => !isOpen),
    );
    expect(bad).toMatchObject({ status: "failed", error: { class: "unreachable" }, attempts: 2 });
    expect(good).toMatchObject({ status: "sent" });
    expect(network.texts).toEqual(["bad", "bad", "good"]);
  });

  test("what no other attempt would mend fails at once", async () => {
    const { network, desk, channel } = await setUp();
    network.script.push(() => rejected("invalid_recipient", { code: "21211" }));
    desk.outbound.start();
    await desk.say(channel, "hello");
    const delivery = await desk.untilStatus(channel, "failed");
    expect(delivery.error).toEqual({
      class: "invalid_recipient",
      code: "21211",
      reason: "it is invalid_recipient",
    });
    expect(network.jobs).toHaveLength(1);
  });

  test("what does not fit into memory waits in the state, and all is sent in order", async () => {
    const { network, desk, channel } = await setUp({}, { settings: { windowDeliveries: 3 } });
    const other = await desk.person(2);
    for (let i = 0; i < 20; i += 1) {
      await desk.say(channel, `a${i}`);
      await desk.say(other, `b${i}`);
    }
    desk.outbound.start();
    for (const name of [channel, other]) {
      await desk.until(name, (all) => all.filter(({ status }) => status === "sent").length === 20);
    }
    const of = (letter: string) => network.texts.filter((text) => text.startsWith(letter));
    const all = (letter: string) => Array.from({ length: 20 }, (_, i) => `${letter}${i}`);
    expect([of("a"), of("b")]).toEqual([all("a"), all("b")]);
  });

  test("what is called back in the moment in which it is handed over is not sent", async () => {
    const { network, desk, channel } = await setUp();
    const { log } = desk.stores;
    const append = log.append.bind(log);
    vi.spyOn(log, "append").mockImplementation(async (draft) => {
      const data = JSON.parse(draft.dataJson) as { step?: string; id?: string };
      if (data.step === "sending") {
        const dataJson = JSON.stringify({ step: "canceled", id: data.id });
        await append({ ...draft, id: "canceled", sender: "account:bob", dataJson });
      }
      return await append(draft);
    });
    desk.outbound.start();
    await desk.say(channel, "one");
    await desk.untilStatus(channel, "canceled");
    await vi.waitFor(() => expect(desk.outbound.stats()).toMatchObject([{ inFlight: 0 }]), PATIENT);
    expect(network.jobs).toEqual([]);
  });

  test("what another node has handed over a moment before is not sent by this one", async () => {
    const { network, desk, channel } = await setUp();
    const { log } = desk.stores;
    const append = log.append.bind(log);
    vi.spyOn(log, "append").mockImplementation(async (draft) => {
      const { step } = JSON.parse(draft.dataJson) as { step?: string };
      if (step === "sending") await append({ ...draft, client: "another node" });
      return await append(draft);
    });
    desk.outbound.start();
    await desk.say(channel, "one");
    await desk.untilStatus(channel, "sending");
    await vi.waitFor(() => expect(desk.outbound.stats()).toMatchObject([{ inFlight: 0 }]), PATIENT);
    expect(network.jobs).toEqual([]);
  });
});
