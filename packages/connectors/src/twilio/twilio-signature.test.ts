import { createHash } from "node:crypto";
import fc from "fast-check";
import twilio from "twilio";
import { expect, test } from "vitest";
import type { WebhookRequest } from "../contract/webhook.ts";
import { signTwilio, verifyTwilio } from "./twilio-signature.ts";

const TOKEN = "12345";
const FORM = "application/x-www-form-urlencoded";

/** The example of Twilio's own documentation. */
const DOCUMENTED = {
  url: "https://mycompany.com/myapp.php?foo=1&bar=2",
  body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212",
  signature: "GvWf1cFY/Q7PnoempGyD5oXAezc=",
};

function request(
  over: Partial<Omit<WebhookRequest, "body">> & { body?: string; signature?: string } = {},
): WebhookRequest {
  const { url = DOCUMENTED.url, method = "POST", body = DOCUMENTED.body } = over;
  const { signature = DOCUMENTED.signature } = over;
  const headers = { "content-type": FORM, "x-twilio-signature": signature, ...over.headers };
  return { method, url, headers, body: new TextEncoder().encode(body) };
}

function isGenuine(given: WebhookRequest, tokens: readonly string[] = [TOKEN]): boolean {
  return verifyTwilio(given, tokens).isGenuine;
}

test("the documented example is genuine", () => {
  expect(isGenuine(request())).toBe(true);
});

test.each([
  ["as it is", "https://example.org/hook?a=it's", "https://example.org/hook?a=it's"],
  [
    "with the port that it does not name",
    "https://example.org/hook",
    "https://example.org:443/hook",
  ],
  ["with the port of http", "http://example.org/hook", "http://example.org:80/hook"],
  ["without the port that it names", "https://example.org:8443/hook", "https://example.org/hook"],
  [
    "with its query written anew",
    "https://example.org/hook?a=it's",
    "https://example.org/hook?a=it%27s",
  ],
  [
    "with the port, and its query in the old way",
    "https://example.org/hook?a=1:2,3",
    "https://example.org:443/hook?a=1%3A2%2C3",
  ],
])("a signature over the URL %s is good", (_name, url, signedUrl) => {
  const signature = signTwilio(TOKEN, signedUrl, new URLSearchParams(DOCUMENTED.body));
  expect(isGenuine(request({ url, signature }))).toBe(true);
});

test("a signature over another host, path or query is refused", () => {
  for (const url of [
    "https://mycompany.org/myapp.php?foo=1&bar=2",
    "https://mycompany.com/other.php?foo=1&bar=2",
    "https://mycompany.com/myapp.php?foo=1&bar=3",
    "https://mycompany.com/myapp.php",
  ]) {
    expect(isGenuine(request({ url })), url).toBe(false);
  }
});

test("any token that holds is good, and an empty one is nobody's", () => {
  expect(isGenuine(request(), ["new", TOKEN])).toBe(true);
  expect(isGenuine(request(), ["new"])).toBe(false);
  const signature = signTwilio("", DOCUMENTED.url, new URLSearchParams(DOCUMENTED.body));
  expect(isGenuine(request({ signature }), [""])).toBe(false);
});

test("a JSON body is covered by its hash in the URL, and by nothing without it", () => {
  const body = '{"a":1}';
  const hash = createHash("sha256").update(body).digest("hex");
  const url = `https://example.org/hook?bodySHA256=${hash}`;
  const headers = { "content-type": "application/json" };
  const signature = signTwilio(TOKEN, url, new URLSearchParams());
  expect(isGenuine(request({ url, body, headers, signature }))).toBe(true);
  expect(isGenuine(request({ url, body: '{"a":2}', headers, signature }))).toBe(false);
  const bare = "https://example.org/hook";
  const bareSignature = signTwilio(TOKEN, bare, new URLSearchParams());
  expect(isGenuine(request({ url: bare, body, headers, signature: bareSignature }))).toBe(false);
});

test("a request by GET is covered by its URL", () => {
  const url = "https://example.org/hook?MessageSid=SM1&Body=a%20b";
  const signature = signTwilio(TOKEN, url, new URLSearchParams());
  expect(isGenuine(request({ method: "GET", url, body: "", signature }))).toBe(true);
});

const parameters = fc.array(
  fc.tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "grapheme" })),
  {
    maxLength: 8,
  },
);

test("what Twilio's own library signs is genuine, whatever is in it", () => {
  fc.assert(
    fc.property(parameters, (pairs) => {
      const form = new URLSearchParams(pairs);
      const named = Object.fromEntries([...form.keys()].map((name) => [name, form.getAll(name)]));
      const signature = twilio.getExpectedTwilioSignature(TOKEN, DOCUMENTED.url, named);
      expect(isGenuine(request({ body: form.toString(), signature }))).toBe(true);
    }),
  );
});

test("a byte that was changed is refused, unless the form says the same with it", () => {
  const said = (body: string) => JSON.stringify([...new URLSearchParams(body)].sort());
  fc.assert(
    fc.property(
      fc.nat(DOCUMENTED.body.length - 1),
      fc.integer({ min: 32, max: 126 }),
      (at, code) => {
        const { body } = DOCUMENTED;
        const changed = body.slice(0, at) + String.fromCharCode(code) + body.slice(at + 1);
        fc.pre(said(changed) !== said(body));
        expect(isGenuine(request({ body: changed }))).toBe(false);
      },
    ),
  );
});

/**
 * Symptom: a form of 300 KB with 40,000 parameters, which anybody can send, kept the whole server busy for 16 seconds before its
 * signature was found to be wrong, and one of 25 MB would have for days: for each name all parameters were looked through.
 */
test("strangers can't keep the server busy with forms of many parameters, or with huge ones", () => {
  const form = (count: number): string =>
    Array.from({ length: count }, (_, i) => `a${i}=`).join("&");
  const startedAt = performance.now();
  expect(isGenuine(request({ body: form(30_000) }))).toBe(false);
  expect(isGenuine(request({ body: form(500_000) }))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(4_000);
});

test("a form that is larger than Twilio's is refused, whatever its signature", () => {
  const body = `Body=${"x".repeat(300_000)}`;
  const signature = signTwilio(TOKEN, DOCUMENTED.url, new URLSearchParams(body));
  expect(verifyTwilio(request({ body, signature }), [TOKEN])).toMatchObject({
    isGenuine: false,
    reason: expect.stringContaining("more than"),
  });
});
