import { expect, test } from "vitest";
import myspace from "../../../../examples/connectors/myspace.ts";
import { createHttpConnector } from "./http-connector.ts";
import type { HttpDefinitionInput } from "./http-definition.ts";
import { pager } from "./pager.fixture.ts";

const changed = (change: (definition: Definition) => void): (() => unknown) => {
  const definition = structuredClone(pager) as Definition;
  change(definition);
  return () => createHttpConnector(definition);
};

type Definition = {
  -readonly [K in keyof HttpDefinitionInput]: HttpDefinitionInput[K];
};

test.each<[string, (definition: Definition) => void, RegExp]>([
  [
    "a placeholder that nobody knows",
    (d) => (d.send.body = { form: { to: "{{to}}", t: "{{text}}", x: "{{txt}}" } }),
    /\{\{txt\}\} is none of/,
  ],
  [
    "a secret that is not declared",
    (d) => (d.send.headers = { "x-a": "{{secrets.key}}" }),
    /\{\{secrets\.key\}\}/,
  ],
  [
    "a message that says nothing",
    (d) => (d.send.body = { form: { a: "b" } }),
    /\{\{text\}\} is nowhere/,
  ],
  [
    "a URL that no connection can change",
    (d) => (d.send.url = "https://example.com/{{to}}"),
    /must begin with a setting/,
  ],
  [
    "a key that is never sent",
    (d) => Object.assign(d.send, { isKeyHonoured: true, body: { form: { body: "{{text}}" } } }),
    /needs \{\{deliveryId\}\}/,
  ],
  [
    "a signature without the body",
    (d) =>
      (d.webhook.signature = { kind: "hmac", header: "x-s", secret: "token", signed: "{{url}}" }),
    /must have \{\{body\}\}/,
  ],
  [
    "a time that is not signed",
    (d) =>
      (d.webhook.signature = {
        kind: "hmac",
        header: "x-s",
        secret: "token",
        timestamp: { header: "x-t" },
      }),
    /make an old request new/,
  ],
  [
    "a signing secret that is not declared",
    (d) => (d.webhook.signature = { kind: "token", header: "x-s", secret: "nothing" }),
    /there is no secret nothing/,
  ],
  [
    "a receipt of nothing",
    (d) => (d.webhook.receipt = { when: {}, status: "/s", statuses: {} }),
    /needs externalId or deliveryId/,
  ],
  [
    "a setting that is free and not there",
    (d) => (d.freeSettings = ["colour"]),
    /there is no setting colour/,
  ],
  [
    "a setting that is free and decides where secrets go",
    (d) => (d.freeSettings = Object.keys(d.settings)),
    /stands in send.url/,
  ],
  ["a pattern that is none", (d) => (d.address.pattern = "("), /no regular expression/],
  [
    "an example that does not match",
    (d) => (d.address.example = "x"),
    /does not match address.pattern/,
  ],
  ["a word that is not known", (d) => Object.assign(d, { colour: "red" }), /colour/],
])("%s is refused, and named", (_, change, words) => {
  expect(changed(change)).toThrow(words);
});

test("a definition goes through JSON unharmed, so it can stand in a file", () => {
  const again = createHttpConnector(JSON.parse(JSON.stringify(pager)));
  expect(again.id).toBe("gateway");
  expect(again.capabilities({} as never)).toMatchObject({
    receipts: { sent: false, delivered: true, read: false },
    idempotency: "none",
    reply: "dropped",
  });
});

test("a connection's settings are checked as the definition says", () => {
  const { configSchema } = myspace;
  expect(configSchema.parse({ page: "us" })).toEqual({
    page: "us",
    url: "https://api.myspace.example",
  });
  expect(configSchema.safeParse({ page: "us", url: "file:///etc/passwd" }).success).toBe(false);
  expect(configSchema.safeParse({ url: "https://x.example" }).success).toBe(false);
});
