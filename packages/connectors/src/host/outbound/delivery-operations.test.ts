import { createAccess, type Operation, principalOf } from "@anywire/core";
import { createChannelTypeRegistry, type DeliveriesPage, type Delivery } from "@anywire/types";
import { afterEach, expect, test, vi } from "vitest";
import { deliveryOperations } from "./delivery-operations.ts";
import { createDesks, DESK_BACKENDS, type OutboundDesk, PATIENT } from "./outbound-desk.fixture.ts";
import { accepted, rejected, type ScriptedNetwork } from "./scripted-connector.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

/** Somebody who calls the operations, with these patterns. */
function caller(desk: OutboundDesk, patterns: { subscribe?: string[]; manage?: string[] }) {
  const channelTypes = createChannelTypeRegistry();
  const name = "test";
  channelTypes.declare({ name, identity: "participants", network: name, description: "Test." });
  const { state } = desk.stores;
  const access = createAccess({ channelTypes, state, membershipOf: () => null });
  const operations = new Map(
    deliveryOperations({ ...desk.stores, access }).map((one): [string, Operation] => [
      one.name,
      one,
    ]),
  );
  const principal = principalOf({ sub: "ops", platform: "p", ...patterns });
  return async <A>(operation: string, request: object): Promise<A> => {
    const found = operations.get(`delivery.${operation}`);
    if (found === undefined) throw new Error(`there is no operation ${operation}`);
    const { answer } = await found.run({ principal }, found.request.parse(request));
    return found.answer.parse(answer) as A;
  };
}

/** Six messages on two channels, every third of which failed. */
async function withHistory(): Promise<{
  desk: OutboundDesk;
  network: ScriptedNetwork;
  channel: string;
  messages: string[];
}> {
  const { network, desk, channel } = await setUp();
  network.otherwise = (job) =>
    job.content.text.startsWith("bad") ? rejected("content_rejected") : accepted(job);
  const other = await desk.person(2);
  desk.outbound.start();
  const messages: string[] = [];
  for (const [i, text] of ["a", "bad b", "c", "d", "bad e", "f"].entries()) {
    const { id } = await desk.say(i % 2 === 0 ? channel : other, text);
    messages.push(id);
    await vi.waitFor(() => expect(network.jobs).toHaveLength(i + 1), PATIENT);
  }
  for (const one of [channel, other]) {
    await desk.until(one, (all) => all.length === 3 && all.every(({ isOpen }) => !isOpen));
  }
  return { desk, network, channel, messages };
}

test("deliveries are listed newest first, page by page, of all, of a channel, of a message, or those with trouble", async () => {
  const { desk, channel, messages } = await withHistory();
  const call = caller(desk, { subscribe: ["p.>"] });
  const ids = (page: DeliveriesPage) => page.deliveries.map(({ message }) => message);
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page: DeliveriesPage = await call("list", { limit: 2, ...(cursor && { cursor }) });
    seen.push(...ids(page));
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  expect(seen).toEqual([...messages].reverse());
  const [a, b, c, , e] = messages;
  expect(ids(await call("list", { channel }))).toEqual([e, c, a]);
  expect(ids(await call("list", { channel, message: c }))).toEqual([c]);
  expect(ids(await call("list", { state: "problem" }))).toEqual([e, b]);
  expect(ids(await call("list", { state: "problem", channel }))).toEqual([e]);
  expect(ids(await call("list", { state: "open", connection: "main" }))).toEqual([]);
  expect(ids(await call("list", { connection: "other" }))).toEqual([]);
});

test("a list that makes no sense is refused, and so is one that a token does not cover", async () => {
  const { desk, channel } = await setUp();
  const all = caller(desk, { subscribe: ["p.>"] });
  for (const query of [{ state: "open" }, { message: "m" }]) {
    await expect(all("list", query)).rejects.toMatchObject({ code: "bad_request" });
  }
  const some = caller(desk, { subscribe: ["p.test.*"] });
  await expect(some("list", {})).rejects.toMatchObject({ code: "permission_denied" });
  await expect(some("list", { channel })).resolves.toEqual({ deliveries: [] });
});

test("one delivery has its whole history, for who may see its channel", async () => {
  const { desk, channel } = await withHistory();
  const [delivery] = await desk.deliveries(channel);
  const id = delivery?.id;
  const call = caller(desk, { subscribe: ["p.test.*"] });
  expect(await call("get", { id })).toMatchObject({
    status: "sent",
    steps: [{ step: "queued" }, { step: "sending", data: { attempt: 1 } }, { step: "sent" }],
  });
  const stranger = caller(desk, { subscribe: ["p.sms.*"] });
  await expect(stranger("get", { id })).rejects.toMatchObject({ code: "permission_denied" });
  await expect(call("get", { id: "none" })).rejects.toMatchObject({ code: "not_found" });
  await expect(call("retry", { id })).rejects.toMatchObject({ code: "permission_denied" });
});

test("what failed is sent again when an operator asks, what was sent is not", async () => {
  const { desk, network } = await withHistory();
  const call = caller(desk, { subscribe: ["p.>"], manage: ["p.test.*"] });
  const problems: DeliveriesPage = await call("list", { state: "problem" });
  const id = problems.deliveries[0]?.id;
  network.otherwise = accepted;
  expect(await call<Delivery>("retry", { id })).toMatchObject({ status: "queued", attempts: 0 });
  await vi.waitFor(
    async () => expect(await call("get", { id })).toMatchObject({ status: "sent" }),
    PATIENT,
  );
  for (const operation of ["retry", "cancel"]) {
    await expect(call(operation, { id })).rejects.toMatchObject({ code: "conflict" });
  }
});

test("what waits is called back, and once is as good as twice", async () => {
  const { desk, channel } = await setUp();
  await desk.change("main", { isEnabled: true, limits: [] });
  const call = caller(desk, { subscribe: ["p.>"], manage: ["p.test.*"] });
  const { id: message } = await desk.say(channel, "wait");
  await desk.append(channel, "delivery", {
    step: "queued",
    id: "d1",
    message,
    action: "send",
    cause: null,
    participant: "contact:c1",
    address: "phone:+447700900001",
    connection: "main",
    network: "test",
    expiresAt: Date.now() + 60_000,
    fallbackOf: null,
    fallback: null,
  });
  const open: DeliveriesPage = await call("list", { state: "open", connection: "main" });
  expect(open.deliveries).toMatchObject([{ id: "d1", status: "queued" }]);
  for (let i = 0; i < 2; i += 1) {
    expect(await call("cancel", { id: "d1" })).toMatchObject({ status: "canceled" });
  }
});

test("what never had a way to go can't be sent again as it is", async () => {
  const { desk } = await setUp();
  await desk.contact("mail", "email:ann@example.org");
  const channel = await desk.channel("p.test.mail", ["mail"]);
  desk.outbound.start();
  await desk.say(channel, "a");
  const { id } = await desk.untilStatus(channel, "failed");
  const call = caller(desk, { manage: ["p.test.*"] });
  await expect(call("retry", { id })).rejects.toMatchObject({ code: "conflict" });
});
