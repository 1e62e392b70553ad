import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConnectionContext } from "../contract/context.ts";
import type { SendJob, SendResult } from "../contract/send.ts";
import { createHttpConnector } from "./http-connector.ts";
import type { HttpDefinitionInput } from "./http-definition.ts";
import { pager } from "./pager.fixture.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

let answer: Answer = { status: 200, body: '{"id":7}' };
let asked: {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}[] = [];
let url = "";
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  asked.push({ path: request.url ?? "", headers: request.headers, body });
  response.writeHead(answer.status, answer.headers).end(answer.body);
});

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: '{"id":7}' };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function send(
  text: string,
  over: { readonly send?: object; readonly to?: string; readonly address?: object } = {},
): Promise<SendResult> {
  const definition = {
    ...pager,
    address: over.address ?? pager.address,
    send: { ...pager.send, ...over.send },
  } as HttpDefinitionInput;
  const context: ConnectionContext<Record<string, string>> = {
    id: "main",
    platform: "p",
    settings: { api: `${url}/` },
    secrets: { password: ["pass-word"], token: ["token"] },
    webhookUrl: "http://x",
    now: Date.now,
  };
  const job: SendJob = {
    deliveryId: "d-1",
    messageId: "m-1",
    channel: "p.pager.1",
    title: null,
    to: over.to ?? "pager:12345",
    senderName: null,
    content: { text, media: [], message: { text } },
    references: [],
    kind: "conversational",
    attempt: 1,
    signal: AbortSignal.timeout(10_000),
  };
  return createHttpConnector(definition).send(job, context);
}

const NASTY = `"}{{secrets.password}}&ref=x\r\nx-evil: 1 ' \\ </script> 💥`;

describe("what people write stays in its place", () => {
  test("in a form", async () => {
    await send(NASTY);
    expect([...new URLSearchParams(asked[0]?.body)]).toEqual([
      ["body", NASTY],
      ["ref", "d-1"],
    ]);
  });

  test("in JSON, where what has no value is left out", async () => {
    const json = { to: "{{to}}", deep: [{ text: "say: {{text}}" }, 7], replyTo: "{{replyTo}}" };
    await send(NASTY, { send: { body: { json } } });
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      to: "12345",
      deep: [{ text: `say: ${NASTY}` }, 7],
    });
  });

  test("in the URL, which it can't lead elsewhere", async () => {
    const address = { ...pager.address, pattern: "\\S+" };
    await send("x", { address, to: "pager:../admin?x=1#y" });
    expect(asked.map(({ path }) => path)).toEqual(["/pagers/..%2Fadmin%3Fx%3D1%23y"]);
    for (const to of ["pager:..", "pager:."]) {
      expect(await send("x", { address, to })).toMatchObject({ class: "unsupported" });
    }
    expect(asked).toHaveLength(1);
  });

  test("in a header it is refused where it can't stand", async () => {
    const headers = { "x-text": "{{text}}" };
    expect(await send("a\r\nb: c", { send: { headers } })).toMatchObject({
      outcome: "rejected",
      class: "unsupported",
    });
    expect(asked).toEqual([]);
    expect(await send("plain", { send: { headers } })).toMatchObject({ outcome: "accepted" });
    expect(asked[0]?.headers["x-text"]).toBe("plain");
  });
});

test("an address that is none of the network's is refused before it is called", async () => {
  for (const to of ["pager:12a", "phone:12345", "pager:"]) {
    expect(await send("hi", { to })).toMatchObject({ class: "invalid_recipient" });
  }
  expect(asked).toEqual([]);
});

describe("what the network answers decides", () => {
  const errors = [
    { status: 409, class: "spam_blocked" },
    { at: "/why", equals: "gone", class: "opted_out", reason: "they left", suppressAddress: true },
  ];
  test.each<[string, Answer, object]>([
    ["an id", { status: 200, body: '{"id":"a"}' }, { outcome: "accepted", externalIds: ["a"] }],
    [
      "a number as id",
      { status: 201, body: '{"id":7}' },
      { outcome: "accepted", externalIds: ["7"] },
    ],
    ["success without an id", { status: 200, body: "{}" }, { outcome: "unknown" }],
    ["success in HTML", { status: 200, body: "<p>" }, { outcome: "unknown" }],
    ["another success than those declared", { status: 204, body: "" }, { outcome: "unknown" }],
    [
      "an error by its status",
      { status: 409, body: "" },
      { outcome: "rejected", class: "spam_blocked" },
    ],
    [
      "an error by what it says",
      { status: 400, body: '{"why":"gone","code":"E7"}' },
      {
        outcome: "rejected",
        class: "opted_out",
        reason: "they left",
        suppressAddress: true,
        code: "E7",
      },
    ],
    [
      "an error within a success",
      { status: 200, body: '{"why":"gone"}' },
      { outcome: "rejected", class: "opted_out" },
    ],
    [
      "a bad request",
      { status: 400, body: "" },
      { outcome: "rejected", class: "content_rejected" },
    ],
    ["a wrong secret", { status: 401, body: "" }, { outcome: "rejected", class: "auth" }],
    [
      "a redirect",
      { status: 302, headers: { location: "/elsewhere" }, body: "" },
      { outcome: "rejected", class: "unknown" },
    ],
    [
      "too fast",
      { status: 429, headers: { "x-wait": "2500" }, body: "" },
      { outcome: "rejected", class: "rate_limited", retryAfterMs: 2500 },
    ],
    [
      "too fast, and no word of how long",
      { status: 429, headers: { "x-wait": "soon" }, body: "" },
      { outcome: "rejected", retryAfterMs: 1000 },
    ],
    ["broken inside", { status: 500, body: "" }, { outcome: "unknown" }],
    ["not there now", { status: 503, body: "" }, { outcome: "rejected", class: "network" }],
    [
      "a secret said back",
      { status: 400, body: '{"code":"bad pass-word"}' },
      { outcome: "rejected", code: undefined },
    ],
  ])("%s", async (_, given, expected) => {
    answer = given;
    const result = await send("hi", { send: { errors, errorCode: "/code" } });
    expect({ code: undefined, ...result }).toMatchObject(expected);
    expect(asked).toHaveLength(1);
  });

  test("a date says when it is tried again, where seconds are expected", async () => {
    const headers = { "retry-after": "Thu, 01 Jan 2999 00:00:00 GMT" };
    answer = { status: 429, headers, body: "" };
    const retryAfter = { header: "retry-after", unit: "s" };
    const result = await send("hi", { send: { retryAfter } });
    expect(result).toMatchObject({ class: "rate_limited", retryAfterMs: 86_400_000 });
  });
});
