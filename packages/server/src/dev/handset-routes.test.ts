import type {
  HandsetEvent,
  HandsetMessages,
  HandsetNetworks,
  HandsetPersons,
} from "@anywire/types";
import { afterEach, expect, test, vi } from "vitest";
import { createTestApp, type TestApp } from "../http/create-test-app.fixture.ts";
import { createDevHandset, type DevHandset } from "./dev-handset.ts";
import { startDevNetworks } from "./dev-networks.ts";
import {
  createFakeConnector,
  type FakeConnectorOptions,
  type FakeSimulator,
} from "./fake-connector.fixture.ts";
import { createHandsetEvents } from "./handset-events.ts";

const HOST = "http://localhost:4000";
const ANN = "+447700900123";
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==";

interface Played {
  readonly app: TestApp;
  readonly handset: DevHandset;
  readonly simulator: FakeSimulator;
  get<T>(path: string): Promise<T>;
  post(path: string, json: unknown): Promise<Response>;
}

const opened: DevHandset[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((handset) => handset.close()));
});

/** A page's view of one fake network. */
async function play(options: FakeConnectorOptions = {}): Promise<Played> {
  const handset = createDevHandset();
  opened.push(handset);
  const app = await createTestApp({ devHandset: handset });
  const started = Promise.withResolvers<FakeSimulator>();
  handset.use(
    await startDevNetworks({
      connectors: [createFakeConnector({ ...options, onStart: started.resolve })],
      webhookUrlOf: (connection) => connection,
      onError: (_, error) => started.reject(error),
    }),
  );
  return {
    app,
    handset,
    simulator: await started.promise,
    async get<T>(path: string) {
      const answer = await app.send(`${HOST}/dev/handset/${path}`, { token: null });
      expect(answer.status).toBe(200);
      return (await answer.json()) as T;
    },
    post: (path, json) =>
      app.send(`${HOST}/dev/handset/${path}`, { json, token: null, headers: { origin: HOST } }),
  };
}

/** What the product sends to somebody. */
function arrive(simulator: FakeSimulator, person: string, text: string, url?: string): void {
  simulator.store.add({
    id: `in-${text}`,
    person,
    direction: "in",
    business: "+1",
    text,
    media: url === undefined ? [] : [{ name: "a.png", mimeType: "image/png", url }],
    at: 1,
    status: "delivered",
  });
}

test("the networks are listed with what a person can do there", async () => {
  const { get } = await play({
    id: "pigeon",
    network: "pigeon",
    without: ["read"],
    hasMedia: false,
  });
  const { networks, isStarting } = await get<HandsetNetworks>("networks");
  expect(isStarting).toBe(false);
  expect(networks).toEqual([
    {
      id: "pigeon",
      network: "pigeon",
      displayName: "Fake",
      connection: "demo-pigeon",
      business: "+15005550006",
      identity: { label: "a phone number", example: ANN },
      abilities: {
        ...{ media: false, reply: false, subject: false, read: false },
        ...{ react: true, typing: true, identity: true },
      },
      faults: ["rate_limit", "late_webhook"],
    },
  ]);
});

test("until the networks are there the page is told that they are on their way", async () => {
  const handset = createDevHandset();
  const { send } = await createTestApp({ devHandset: handset });
  const answer = await send(`${HOST}/dev/handset/networks`);
  expect(await answer.json()).toEqual({ isStarting: true, networks: [] });
});

test("a person writes, with a picture and as an answer, and has it among the messages", async () => {
  const { get, post, simulator, app } = await play();
  arrive(simulator, ANN, "hello");
  const media = { name: "a.png", mimeType: "image/png", base64: PIXEL };
  const draft = { person: ANN, text: "hi", media, replyTo: "in-hello" };
  expect((await post("fake/messages", draft)).status).toBe(200);
  const { messages } = await get<HandsetMessages>(
    `fake/messages?person=${encodeURIComponent(ANN)}`,
  );
  expect(messages.map(({ text, direction, replyTo }) => [direction, text, replyTo])).toEqual([
    ["in", "hello", undefined],
    ["out", "hi", "in-hello"],
  ]);
  const url = messages[1]?.media[0]?.url ?? "";
  const picture = await app.send(`${HOST}/${url}`, { token: null });
  expect(picture.headers.get("content-type")).toBe("image/png");
  expect(Buffer.from(await picture.arrayBuffer()).toString("base64")).toBe(PIXEL);
});

test("persons are listed by their latest message, with what they have not read", async () => {
  const { get, post, simulator } = await play();
  arrive(simulator, ANN, "one");
  arrive(simulator, ANN, "two");
  arrive(simulator, "+1555", "three");
  const persons = () => get<HandsetPersons>("fake/persons");
  expect((await persons()).persons.map(({ person, unread }) => [person, unread])).toEqual([
    ["+1555", 1],
    [ANN, 2],
  ]);
  await post("fake/read", { person: ANN });
  expect((await persons()).persons[1]).toMatchObject({ unread: 0, last: { text: "two" } });
});

test("a person reacts, gets another number, and the network gets faults", async () => {
  const { get, post, simulator } = await play();
  arrive(simulator, ANN, "one");
  expect((await post("fake/react", { person: ANN, message: "in-one", emoji: "👍" })).status).toBe(
    200,
  );
  expect((await post("fake/typing", { person: ANN })).status).toBe(200);
  expect((await post("fake/identity", { person: ANN, to: "+1777" })).status).toBe(200);
  const { messages } = await get<HandsetMessages>("fake/messages?person=%2B1777");
  expect(messages[0]?.reaction).toBe("👍");
  expect((await post("fake/faults", { kind: "rate_limit" })).status).toBe(200);
  await post("fake/faults", { kind: "late_webhook", times: 3 });
  expect(simulator.injected).toEqual([
    { kind: "rate_limit", retryAfterMs: 2000, times: 1 },
    { kind: "late_webhook", delayMs: 10_000, times: 3 },
  ]);
});

test.each([
  ["an unknown network", "nowhere/read", { person: ANN }, 404],
  ["nobody", "fake/read", {}, 400],
  ["an empty message", "fake/messages", { person: ANN, text: "" }, 400],
  ["a person who can't be one", "fake/messages", { person: "ann", text: "hi" }, 400],
  [
    "a picture that is no Base64",
    "fake/messages",
    { person: ANN, media: { name: "a", mimeType: "image/png", base64: "%" } },
    400,
  ],
  ["an unknown fault", "fake/faults", { kind: "fire" }, 400],
  ["a fault a million times", "fake/faults", { kind: "html", times: 1_000_000 }, 400],
  ["what the network has not", "fake/typing", { person: ANN }, 501],
  ["a fault that the network has not", "fake/faults", { kind: "fail_later" }, 501],
])("%s is refused", async (_, path, body, status) => {
  const { post } = await play({ without: ["typing"] });
  expect((await post(path, body)).status).toBe(status);
});

test("the refusal says why the person can't be one", async () => {
  const { post } = await play();
  const answer = await post("fake/messages", { person: "ann", text: "hi" });
  expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("a phone number") });
});

test.each([
  ["of another port that reads", "networks", "GET", { origin: "http://localhost:3000" }, HOST],
  ["of another site that reads", "networks", "GET", { "sec-fetch-site": "cross-site" }, HOST],
  ["of another site that listens", "events", "GET", { origin: "https://evil.example" }, HOST],
  ["whose name was bound to this machine later", "networks", "GET", {}, "http://evil.example"],
  [
    "of another port that writes",
    "fake/messages",
    "POST",
    { origin: "http://localhost:3000" },
    HOST,
  ],
  ["without an origin that writes", "fake/messages", "POST", {}, HOST],
])("a page %s is refused", async (_, path, method, headers, host) => {
  const { app } = await play();
  const json = { person: ANN, text: "hi" };
  const body = method === "POST" ? { json } : {};
  const answer = await app.send(`${host}/dev/handset/${path}`, { ...body, method, headers });
  expect(answer.status).toBe(403);
});

test("media that lie elsewhere are not fetched, only linked to", async () => {
  const { get, simulator, app } = await play();
  arrive(simulator, ANN, "far", "https://pictures.example/a.png");
  arrive(simulator, ANN, "bad", "javascript:alert(1)");
  const person = encodeURIComponent(ANN);
  const { messages } = await get<HandsetMessages>(`fake/messages?person=${person}`);
  expect(messages.map(({ media }) => media[0]?.url)).toEqual([
    "https://pictures.example/a.png",
    "",
  ]);
  const path = `${HOST}/dev/handset/fake/media?person=${person}&message=in-far&index=0`;
  const fetched = vi.spyOn(globalThis, "fetch");
  expect((await app.send(path)).status).toBe(404);
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
});

test("a server that was given no handset has neither its routes nor its page", async () => {
  const { send } = await createTestApp();
  expect((await send(`${HOST}/dev/handset/networks`)).status).toBe(404);
  expect((await send(`${HOST}/handset`)).status).toBe(404);
  const { app } = await play();
  expect((await app.send(`${HOST}/handset`)).headers.get("content-type")).toContain("text/html");
});

test("a page hears of each change, once for each person however many there were", async () => {
  const { app, simulator, handset } = await play();
  const answer = await app.send(`${HOST}/dev/handset/events`);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const { read, ended } = reading(answer.body);
  await read();
  for (const text of ["one", "two", "three"]) arrive(simulator, ANN, text);
  arrive(simulator, "+1555", "four");
  const events: HandsetEvent[] = [];
  while (events.length < 2) events.push(...(await read()));
  expect(events).toEqual([
    { type: "person", network: "fake", person: ANN },
    { type: "person", network: "fake", person: "+1555" },
  ]);
  await handset.close();
  await ended();
});

test("a silent stream says that it is still there, and one that nobody reads leaves nothing behind", async () => {
  const { handset } = await play();
  const events = createHandsetEvents(handset, 5);
  const first = events.open()?.getReader();
  await first?.read();
  expect(new TextDecoder().decode((await first?.read())?.value)).toBe(": still here\n\n");
  await first?.cancel();
  const all = Array.from({ length: 40 }, () => events.open());
  expect(all.filter((stream) => stream !== undefined)).toHaveLength(32);
  await all[0]?.cancel();
  expect(events.open()).toBeDefined();
});

test("more changes than can be told make the page read everything again", async () => {
  const { handset, simulator } = await play();
  const stream = createHandsetEvents(handset).open() ?? null;
  const { read } = reading(stream);
  for (let i = 0; i <= 1000; i++) arrive(simulator, `+${i}`, "hello");
  expect(await read()).toEqual([{ type: "networks" }]);
});

test("networks that come after the end are ended", async () => {
  const handset = createDevHandset();
  await handset.close();
  const close = vi.fn(async () => {});
  handset.use({ networks: [], close });
  expect(close).toHaveBeenCalledOnce();
});

/** The events of a stream, as many as come at once. */
function reading(body: ReadableStream<Uint8Array> | null) {
  const reader = body?.getReader();
  return {
    async read(): Promise<HandsetEvent[]> {
      const { value } = (await reader?.read()) ?? {};
      const lines = new TextDecoder().decode(value).split("\n");
      const data = lines.filter((line) => line.startsWith("data: "));
      return data.map((line) => JSON.parse(line.slice("data: ".length)) as HandsetEvent);
    },
    async ended(): Promise<void> {
      while (!(await reader?.read())?.done);
    },
  };
}
