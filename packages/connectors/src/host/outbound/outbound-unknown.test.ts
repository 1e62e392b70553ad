import { FALLBACKS } from "@anywire/core";
import { AnywireError, type DeliveryEntry } from "@anywire/types";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createDesks, DESK_BACKENDS, type OutboundDesk, PATIENT } from "./outbound-desk.fixture.ts";
import { accepted } from "./scripted-connector.fixture.ts";

/** Has a node hear late that it is on record that it sends. */
function cutAtSending({ stores: { log } }: OutboundDesk) {
  const [at, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  vi.spyOn(log, "append").mockImplementation(async (draft) => {
    const appended = await Object.getPrototypeOf(log).append.call(log, draft);
    if (draft.kind !== "delivery" || !draft.dataJson.includes('"sending"')) return appended;
    at.resolve();
    await gate.promise;
    return appended;
  });
  return { isAt: at.promise, goOn: gate.resolve };
}

describe.each(Object.entries(DESK_BACKENDS))("what has no answer on %s", (_name, createBackend) => {
  const { open, setUp, end } = createDesks(createBackend);
  afterEach(end);

  test("no answer leaves it unconfirmed for good where the network can't be asked, and the channel goes on", async () => {
    const { network, desk, channel } = await setUp();
    network.script.push(() => ({ outcome: "unknown", reason: "silence" }));
    desk.outbound.start();
    await desk.say(channel, "one");
    await desk.say(channel, "two");
    const [one, two] = await desk.until(
      channel,
      (all) => all.length === 2 && all.every(({ isOpen }) => !isOpen),
    );
    expect(one).toMatchObject({
      status: "unconfirmed",
      isOpen: false,
      error: { reason: "silence" },
    });
    expect(two).toMatchObject({ status: "sent" });
    expect(network.texts).toEqual(["one", "two"]);
  });

  test("a connector that throws, and one that does not heed the time, have an unknown outcome", async () => {
    const { network, desk, channel } = await setUp({}, { settings: { sendTimeoutMs: 20 } });
    const other = await desk.person(2);
    network.otherwise = (job) => {
      if (job.content.text === "throws") throw new Error("secret-token");
      return new Promise(() => {});
    };
    desk.outbound.start();
    await desk.say(channel, "throws");
    await desk.say(other, "hangs");
    const thrown = await desk.untilStatus(channel, "unconfirmed");
    expect(JSON.stringify(thrown)).not.toContain("secret-token");
    await desk.untilStatus(other, "unconfirmed");
  });

  test("what has no answer is asked for until the network tells, and its channel goes on before that, as its history says", async () => {
    const hasGoneOn = Promise.withResolvers<void>();
    let asked = 0;
    const { network, desk, channel } = await setUp({
      reconcile: async (job) => {
        asked += 1;
        if (asked < 4) return undefined;
        await hasGoneOn.promise;
        return accepted(job);
      },
    });
    network.script.push(() => ({ outcome: "unknown", reason: "silence" }));
    desk.outbound.start();
    await desk.say(channel, "one");
    await desk.say(channel, "two");
    const [one, two] = await desk.until(channel, (all) => all[1]?.status === "sent");
    expect(one).toMatchObject({ status: "unconfirmed", isOpen: true });
    hasGoneOn.resolve();
    await desk.until(channel, ([first]) => first?.status === "sent");
    expect(network.texts).toEqual(["one", "two"]);
    const recorded = await desk.recorded(channel);
    const of = (id: string | undefined) => recorded.filter((step) => step.id === id);
    expect(of(one?.id).map((step) => [step.step, "reason" in step && step.reason])).toEqual([
      ["queued", false],
      ["sending", false],
      ["unconfirmed", "silence"],
      [
        "unconfirmed",
        "the network was asked 3 times and can't tell yet; its channel goes on, so it may come behind newer messages (silence)",
      ],
      ["sent", false],
    ]);
    const sending = recorded.findIndex(({ id, step }) => id === two?.id && step === "sending");
    expect(recorded.indexOf(of(one?.id)[3] as DeliveryEntry)).toBeLessThan(sending);
  });

  test("what the network says it never got is sent again", async () => {
    const { network, desk, channel } = await setUp({
      reconcile: async () => ({ outcome: "rejected", class: "network", reason: "never came" }),
    });
    network.script.push(() => ({ outcome: "unknown", reason: "silence" }));
    desk.outbound.start();
    await desk.say(channel, "one");
    await desk.untilStatus(channel, "sent");
    expect(network.texts).toEqual(["one", "one"]);
  });

  test("what the network knows by a key of ours is sent again without asking", async () => {
    const { network, desk, channel } = await setUp({ capabilities: { idempotency: "key" } });
    network.script.push(() => ({ outcome: "unknown", reason: "silence" }));
    desk.outbound.start();
    await desk.say(channel, "one");
    const { id } = await desk.untilStatus(channel, "sent");
    expect(network.jobs.map(({ deliveryId }) => deliveryId)).toEqual([id, id]);
  });

  test("a process that dies between sending and recording leaves it unconfirmed, and sends it no second time", async () => {
    const { network, connector, desk, channel, on } = await setUp();
    let isDead = false;
    network.script.push(() => new Promise(() => {}));
    const { log } = desk.stores;
    vi.spyOn(log, "append").mockImplementation(async (draft) => {
      if (isDead) return await new Promise<never>(() => {});
      return await Object.getPrototypeOf(log).append.call(log, draft);
    });
    desk.outbound.start();
    await desk.say(channel, "one");
    await vi.waitFor(() => expect(network.jobs).toHaveLength(1), PATIENT);
    isDead = true;
    await desk.outbound.close(0);
    vi.restoreAllMocks();
    const next = await open(on, [connector]);
    next.outbound.start();
    await next.untilStatus(channel, "unconfirmed");
    await next.say(channel, "two");
    await vi.waitFor(() => expect(network.texts).toEqual(["one", "two"]), PATIENT);
    expect((await next.deliveries(channel))[0]).toMatchObject({
      status: "unconfirmed",
      isOpen: false,
    });
  });

  test("after such a death the network is asked where it can tell", async () => {
    const { network, connector, desk, channel, on } = await setUp({
      reconcile: async (job) => accepted(job),
    });
    network.script.push(() => new Promise(() => {}));
    desk.outbound.start();
    await desk.say(channel, "one");
    await vi.waitFor(() => expect(network.jobs).toHaveLength(1), PATIENT);
    await desk.outbound.close(0);
    const next = await open(on, [connector]);
    next.outbound.start();
    await next.untilStatus(channel, "sent");
    expect(network.jobs).toHaveLength(1);
  });

  test("what a process that died was sending holds its channel, also where its plan is heard of only now", async () => {
    // Old messages are not planned: what is on record is all there is. Nobody has heard of any of it.
    const { network, desk, channel } = await setUp({}, { settings: { lifetimeMs: 1 } });
    const plan = { action: "send", cause: null, participant: "contact:c1", network: "test" };
    const way = { address: "phone:+447700900001", connection: "main" };
    const rest = { expiresAt: Date.now() + 60_000, fallbackOf: null, fallback: null };
    for (const id of ["one", "two"]) {
      const { id: message } = await desk.say(channel, id);
      const queued = { step: "queued", id, message, ...plan, ...way, ...rest };
      await desk.append(channel, "delivery", queued);
    }
    await desk.append(channel, "delivery", { step: "sending", id: "one", attempt: 1 });
    // Pages bring only what was told.
    const { log } = desk.stores;
    vi.spyOn(log, "consume").mockImplementation(async (...how) => {
      const consumer = await Object.getPrototypeOf(log).consume.call(log, ...how);
      return Object.create(consumer, { position: { value: async () => 0 } });
    });
    const begun = Date.now();
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(begun + 5), PATIENT);
    desk.outbound.start();
    const all = await desk.until(channel, (some) => some.every(({ isOpen }) => !isOpen));
    expect(all.map(({ id, status }) => `${id} ${status}`)).toEqual(["one unconfirmed", "two sent"]);
    const steps = (await desk.recorded(channel)).map(({ step, id }) => `${id} ${step}`);
    expect(steps.indexOf("one unconfirmed")).toBeLessThan(steps.indexOf("two sending"));
    expect(network.texts).toEqual(["two"]);
  });

  test("what a node recorded that it leaves, and could not send since it was cut off, waits for whoever sends next", async () => {
    const { network, desk, channel } = await setUp();
    const { kv } = desk.stores;
    const cut = cutAtSending(desk);
    desk.outbound.start();
    await desk.say(channel, "one");
    await cut.isAt;
    const away = vi.spyOn(kv, "set").mockRejectedValue(new AnywireError("unavailable", "away"));
    await vi.waitFor(() => expect(desk.outbound.stats()).toEqual([]), PATIENT);
    cut.goOn();
    await desk.untilStatus(channel, "queued");
    expect(network.texts).toEqual([]);
    away.mockRestore();
    await desk.untilStatus(channel, "sent");
    expect(network.texts).toEqual(["one"]);
  });

  test("what another node takes back while one already asks for its fate is sent", async () => {
    let asked = 0;
    const { network, connector, desk, channel, on } = await setUp({
      reconcile: async () => {
        asked += 1;
        return asked > 3 ? await new Promise<never>(() => {}) : undefined;
      },
    });
    const cut = cutAtSending(desk);
    desk.outbound.start();
    await desk.say(channel, "one");
    await cut.isAt;
    vi.spyOn(desk.stores.kv, "set").mockRejectedValue(new AnywireError("unavailable", "away"));
    const other = await open(on, [connector]);
    other.outbound.start();
    await vi.waitFor(() => expect(asked).toBeGreaterThan(3), PATIENT);
    cut.goOn();
    await other.untilStatus(channel, "sent");
    expect(network.texts).toEqual(["one"]);
  });

  test("a send under way ends before the work is handed on", async () => {
    const { network, desk, channel } = await setUp();
    let answer = (): void => {};
    network.script.push((job) => new Promise((resolve) => (answer = () => resolve(accepted(job)))));
    desk.outbound.start();
    await desk.say(channel, "one");
    await vi.waitFor(() => expect(network.jobs).toHaveLength(1), PATIENT);
    const closing = desk.outbound.close(10_000);
    // Longer than it takes to stop all that is not at the network.
    for (let i = 0; i < 50; i += 1) await desk.append("p.group.g", "data", { i });
    expect(network.jobs[0]?.signal.aborted).toBe(false);
    answer();
    await closing;
    expect((await desk.deliveries(channel))[0]).toMatchObject({ status: "sent" });
  });

  test.each([
    ["plans", "m:"],
    ["makes ready to send", "channel"],
    ["looks what is late", FALLBACKS],
  ])("a node that %s, and has no answer from its store, ends in its time", async (_, what) => {
    const { desk, channel } = await setUp();
    const { state } = desk.stores;
    const [at, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const hangs = async (asked: string): Promise<void> => {
      if (!asked.startsWith(what)) return;
      at.resolve();
      await gate.promise;
    };
    vi.spyOn(state, "get").mockImplementation(async (keys, how) => {
      await hangs(keys[1]?.sort ?? keys[0]?.sort ?? "");
      return await Object.getPrototypeOf(state).get.call(state, keys, how);
    });
    vi.spyOn(state, "list").mockImplementation(async (query) => {
      await hangs(query.partition);
      return await Object.getPrototypeOf(state).list.call(state, query);
    });
    desk.outbound.start();
    await desk.say(channel, "one");
    await at.promise;
    await desk.outbound.close(50);
    gate.resolve();
  });

  test("two nodes send each message once, also when one takes over from the other", async () => {
    const { network, connector, desk, channel, on } = await setUp();
    const other = await open(on, [connector]);
    desk.outbound.start();
    other.outbound.start();
    await desk.say(channel, "one");
    await desk.untilStatus(channel, "sent");
    await desk.outbound.close(1_000);
    await other.say(channel, "two");
    await other.until(channel, (all) => all.filter(({ status }) => status === "sent").length === 2);
    expect(network.texts).toEqual(["one", "two"]);
  });
});
