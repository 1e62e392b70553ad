import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { WebhookRequest } from "../contract/webhook.ts";
import { answerChallenge, verifyWhatsapp } from "./whatsapp-signature.ts";

const secrets = { appSecret: ["app"], verifyToken: ["word"] };
const BODY = Buffer.from('{"object":"whatsapp_business_account","text":"\\ud83d\\ude00 a\\/b"}');

function request(body: Uint8Array, signature: string): WebhookRequest {
  const url = "https://example.org/v1/webhooks/wa";
  return { method: "POST", url, headers: { "x-hub-signature-256": signature }, body };
}

function sign(secret: string, body: Uint8Array): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

function isGenuine(body: Uint8Array, signature: string, appSecret = ["app"]): boolean {
  return verifyWhatsapp(request(body, signature), { secrets: { appSecret } }).isGenuine;
}

test("the body counts as it came: the same JSON written anew is refused", () => {
  expect(isGenuine(BODY, sign("app", BODY))).toBe(true);
  const anew = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())));
  expect(isGenuine(anew, sign("app", BODY))).toBe(false);
});

test("any secret that holds is good, and an empty one is nobody's", () => {
  expect(isGenuine(BODY, sign("app", BODY), ["new", "app"])).toBe(true);
  expect(isGenuine(BODY, sign("app", BODY), ["new"])).toBe(false);
  expect(isGenuine(BODY, sign("", BODY), [""])).toBe(false);
  expect(isGenuine(BODY, "", ["app"])).toBe(false);
});

test("any byte that is changed, in the body or in the signature, is refused", () => {
  const signature = sign("app", BODY);
  const changed = (bytes: Buffer, at: number, by: number) => {
    const copy = Buffer.from(bytes);
    copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by;
    return copy;
  };
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, by) => {
      expect(isGenuine(changed(BODY, at, by), signature)).toBe(false);
      expect(isGenuine(BODY, changed(Buffer.from(signature), at, by).toString("latin1"))).toBe(
        false,
      );
    }),
  );
});

function challenge(query: string, method = "GET") {
  const url = `https://example.org/v1/webhooks/wa?${query}`;
  return answerChallenge({ method, url, headers: {}, body: new Uint8Array() }, { secrets });
}

test("Meta's question is answered with its challenge, as plain text", () => {
  expect(challenge("hub.mode=subscribe&hub.verify_token=word&hub.challenge=1158201444")).toEqual({
    status: 200,
    headers: { "content-type": "text/plain" },
    body: "1158201444",
  });
});

test.each([
  ["a wrong token", "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1"],
  ["no token", "hub.mode=subscribe&hub.challenge=1"],
  ["no challenge", "hub.mode=subscribe&hub.verify_token=word"],
  [
    "a page as its challenge",
    "hub.mode=subscribe&hub.verify_token=word&hub.challenge=%3Cscript%3E",
  ],
  ["another mode", "hub.mode=unsubscribe&hub.verify_token=word&hub.challenge=1"],
])("a question with %s is not answered", (_name, query) => {
  expect(challenge(query)).toBeNull();
});

test("only a GET is a question", () => {
  expect(challenge("hub.mode=subscribe&hub.verify_token=word&hub.challenge=1", "POST")).toBeNull();
});
