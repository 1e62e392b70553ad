import { describeConnector } from "@anywire/testkit";
import { expect, test } from "vitest";
import myspace from "../../../../examples/connectors/myspace.ts";
import type { ConnectionContext } from "../contract/context.ts";
import { createHttpConnector } from "./http-connector.ts";
import type { HttpDefinitionInput } from "./http-definition.ts";
import { pager } from "./pager.fixture.ts";

describeConnector(myspace);
describeConnector(createHttpConnector(pager));

/** Proves itself by a password, and signs over its own URL. */
describeConnector(
  createHttpConnector({
    ...pager,
    id: "basic-gateway",
    webhook: {
      ...pager.webhook,
      body: "json",
      signature: { kind: "basic", user: "gateway", secret: "token" },
    },
  }),
);

/** Calls messages by their times, and has no word for what an event is: what it has tells. It never says what did not arrive. */
const timed: HttpDefinitionInput = {
  ...pager,
  id: "timed-gateway",
  webhook: {
    ...pager.webhook,
    body: "json",
    message: {
      when: { "/dataMessage": { exists: true }, "/receipt": { exists: false } },
      externalId: "/dataMessage/timestamp",
      at: { pointer: "/dataMessage/timestamp", unit: "ms" },
      from: "/source",
      text: "/dataMessage/message",
    },
    receipt: {
      when: { "/receipt": { exists: true } },
      externalId: "/receipt/when",
      at: { pointer: "/receipt/when", unit: "iso" },
      status: "/receipt/type",
      statuses: { arrived: "delivered", seen: "read" },
    },
  },
};
describeConnector(createHttpConnector(timed));

test.each([
  [{ source: "1", dataMessage: { timestamp: 7, message: "hi" } }, "message"],
  [{ source: "1", dataMessage: { timestamp: 7, message: "hi" }, receipt: null }, "message"],
  [{ source: "1", dataMessage: null, typing: true }, "ignored"],
  [{ source: "1", typing: true }, "ignored"],
  [{ receipt: { when: "2026-09-21T13:33:20Z", type: "arrived" }, dataMessage: {} }, "receipt"],
])("an event without a word for its kind is known by what it has: %j", async (told, type) => {
  const body = new TextEncoder().encode(JSON.stringify(told));
  const request = { method: "POST", url: "http://x", headers: {}, body };
  const context = { now: Date.now } as ConnectionContext<Record<string, string>>;
  expect(await createHttpConnector(timed).parse(request, context)).toMatchObject([{ type }]);
});

describeConnector(
  createHttpConnector({
    ...pager,
    id: "url-gateway",
    webhook: {
      ...pager.webhook,
      signature: {
        kind: "hmac",
        algorithm: "sha1",
        encoding: "base64",
        header: "x-gateway-signature",
        secret: "token",
        signed: "{{url}}\n{{body}}",
      },
    },
  }),
);

/** RFC 4231, test case 2, and what `openssl dgst` gives for the others. */
test.each([
  ["sha256", "hex", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
  ["sha1", "base64", "7/zfauXrL6LSdBbV8YTfnCWafHk="],
  [
    "sha512",
    "hex",
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
  ],
] as const)(
  "a signature with %s in %s is what others make of it",
  async (algorithm, encoding, proof) => {
    const signature = {
      kind: "hmac",
      algorithm,
      encoding,
      header: "x-s",
      secret: "token",
    } as const;
    const { verify } = createHttpConnector({
      ...pager,
      webhook: { ...pager.webhook, signature },
    } as HttpDefinitionInput);
    const context = { secrets: { token: ["Jefe"] }, now: Date.now } as unknown as ConnectionContext<
      Record<string, string>
    >;
    const body = new TextEncoder().encode("what do ya want for nothing?");
    const request = { method: "POST", url: "http://x", headers: { "x-s": proof }, body };
    expect(await verify(request, context)).toEqual({ isGenuine: true });
  },
);
