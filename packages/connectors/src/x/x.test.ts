import { describeConnector } from "@anywire/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fault } from "../contract/simulator.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import {
  attachment,
  contentOf,
  jobFor,
  patienceWith,
  startNetwork,
} from "../wire/network-under-test.fixture.ts";
import { oauthHeader } from "./oauth-header.ts";
import { x } from "./x.ts";
import { xFailure } from "./x-errors.ts";
import { X_SIGNATURE, xSignature } from "./x-signature.ts";
import { X_BEARER, X_LOST_PERSONS } from "./x-simulator.ts";

const ANN = "x:6253282";
const PERSON = "6253282";

describeConnector(x);

describe("sending to X", () => {
  const outcomes: readonly (readonly [Fault, object, number])[] = [
    [
      { kind: "rate_limit", retryAfterMs: 7000, times: 1 },
      { outcome: "rejected", class: "rate_limited" },
      0,
    ],
    [{ kind: "server_error", times: 1 }, { outcome: "unknown" }, 0],
    [{ kind: "html", times: 1 }, { outcome: "unknown" }, 0],
    [{ kind: "accept_then_hang", times: 1 }, { outcome: "unknown" }, 1],
    [{ kind: "accept_then_close", times: 1 }, { outcome: "unknown" }, 1],
  ];
  test.each(outcomes)("%j has the outcome %j", async (fault, outcome, accepted) => {
    const { simulator, context } = await startNetwork(x);
    simulator.inject(fault);
    const job = jobFor(ANN, "hello", { signal: patienceWith(fault, simulator) });
    expect(await x.send(job, context)).toMatchObject(outcome);
    expect(simulator.accepted).toBe(accepted);
  });

  test("how long to wait is what X says", async () => {
    const { simulator, context } = await startNetwork(x);
    simulator.inject({ kind: "rate_limit", retryAfterMs: 90_000, times: 1 });
    const result = await x.send(jobFor(ANN, "hello"), context);
    if (result.outcome !== "rejected") throw new Error("it was not refused");
    expect(result.retryAfterMs).toBeGreaterThan(60_000);
    expect(result.retryAfterMs).toBeLessThanOrEqual(91_000);
  });

  test("a person who takes no messages, one who is not there, and a name are told apart", async () => {
    const { simulator, context } = await startNetwork(x);
    const people = [`x:${X_LOST_PERSONS.closed}`, `x:${X_LOST_PERSONS.gone}`, "x:ann"];
    const results = await Promise.all(
      people.map(async (to) => await x.send(jobFor(to, "hello"), context)),
    );
    expect(results).toMatchObject([
      { outcome: "rejected", class: "unreachable" },
      { outcome: "rejected", class: "invalid_recipient" },
      { outcome: "rejected", class: "invalid_recipient", reason: expect.stringContaining("name") },
    ]);
    expect(simulator.accepted).toBe(0);
  });

  test("a token of OAuth 2.0 will do, too", async () => {
    const { simulator, context } = await startNetwork(x);
    const { consumerSecret = [] } = context.secrets;
    const secrets = { consumerSecret, accessToken: [X_BEARER] };
    const result = await x.send(jobFor(ANN, "hello"), { ...context, secrets });
    expect(result).toMatchObject({ outcome: "accepted" });
    expect(simulator.accepted).toBe(1);
  });

  test("a token's secret without the app's key is told", async () => {
    const { context } = await startNetwork(x);
    const { consumerKey: _, ...secrets } = context.secrets;
    expect(await x.send(jobFor(ANN, "hello"), { ...context, secrets })).toMatchObject({
      outcome: "rejected",
      class: "auth",
      reason: expect.stringContaining("consumerKey"),
    });
  });

  test("a picture that lies elsewhere is sent as a link to it", async () => {
    const { simulator, context } = await startNetwork(x);
    const part = { type: "image", url: "https://example.org/a.png", name: "Roof" } as const;
    const content = contentOf("look", { media: [{ part, source: undefined }] });
    expect(await x.send(jobFor(ANN, "look", { content }), context)).toMatchObject({
      outcome: "accepted",
    });
    expect(simulator.handset.messages(PERSON)).toMatchObject([
      { text: "look\nRoof: https://example.org/a.png", media: [] },
    ]);
  });

  test("what X does not take is told before anything is sent", async () => {
    const { simulator, context } = await startNetwork(x);
    const film = attachment("a.mp4", "video/mp4", Buffer.from("a"));
    const picture = attachment("a.png", "image/png", Buffer.from("a"));
    const large = attachment("a.png", "image/png", Buffer.alloc(5 * 1024 * 1024 + 1));
    const contents = [
      contentOf("look", { media: film }),
      contentOf("look", { media: large }),
      contentOf("look", { media: [...picture, ...picture] }),
      contentOf("l".repeat(10_001)),
      contentOf(""),
    ];
    const results = await Promise.all(
      contents.map(async (content) => await x.send(jobFor(ANN, "", { content }), context)),
    );
    expect(results).toMatchObject([
      { class: "unsupported" },
      { class: "content_rejected" },
      { class: "unsupported", reason: expect.stringContaining("at most one picture") },
      { class: "too_large" },
      { class: "unsupported" },
    ]);
    // Nobody was asked.
    for (const result of results) expect(result).not.toHaveProperty("code");
    expect(simulator.accepted).toBe(0);
  });

  test.each([
    [401, {}, "auth"],
    [402, { title: "CreditsDepleted" }, "payment"],
    [403, { type: "https://api.twitter.com/2/problems/client-forbidden" }, "auth"],
    [
      403,
      { errors: [{ code: 349, message: "You cannot send messages to this user." }] },
      "unreachable",
    ],
    [403, { errors: [{ code: 326, message: "To protect our users…" }] }, "spam_blocked"],
    [429, { title: "UsageCapExceeded" }, "quota_exhausted"],
    [503, {}, "network"],
  ])("status %i with %j is %s", (status, body, name) => {
    const failure = xFailure(status, new Headers(), JSON.stringify(body), { now: () => 0 });
    expect(failure).toMatchObject({ outcome: "rejected", class: name });
  });

  test.each([
    [["0", "5"], 900_000],
    [["12", "0"], 3_600_000],
    [["0", "0"], 3_600_000],
    [["12", "5"], 60_000],
  ] as const)("with %j left of two bounds it is %i ms until X listens again", (left, waitMs) => {
    const headers = new Headers({
      "x-rate-limit-remaining": left[0],
      "x-rate-limit-reset": "900",
      "x-user-limit-24hour-remaining": left[1],
      "x-user-limit-24hour-reset": "3600",
    });
    const failure = xFailure(429, headers, "", { now: () => 0 });
    expect(failure).toMatchObject({ retryAfterMs: waitMs });
  });

  test("what a message will cost is known before it is sent", async () => {
    const { context } = await startNetwork(x);
    const price = { amount: 0.015, currency: "USD" };
    const estimate = x.estimate({ to: ANN, content: contentOf("hello") }, context);
    expect(estimate).toEqual({ segments: 1, price: { min: price, max: price } });
  });
});

describe("who X is asked as", () => {
  test("a request is signed as in the example of OAuth", () => {
    // https://oauth.net/core/1.0a/#sig_base_example
    const url = new URL("http://photos.example.net/photos?file=vacation.jpg&size=original");
    const credentials = {
      consumerKey: "dpf43f3p2l4k3l03",
      consumerSecret: "kd94hf93k423kf44",
      token: "nnch734d00sl2jdk",
      tokenSecret: "pfkkdhi9sl3r4s00",
    };
    const stamp = { nonce: "kllo9940pd9333jh", timestamp: 1_191_242_096 };
    const header = oauthHeader("GET", url, credentials, stamp);
    expect(header).toContain('oauth_signature="tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D"');
  });
});

describe("what X brings", () => {
  const url = "https://chat.example.org/v1/webhooks/x";
  const asked = (token: string): WebhookRequest => ({
    method: "GET",
    url: `${url}?${new URLSearchParams({ crc_token: token })}`,
    headers: {},
    body: new Uint8Array(),
  });

  test("a challenge is answered with its signature", async () => {
    const { context } = await startNetwork(x);
    const secret = context.secrets["consumerSecret"]?.[0] ?? "";
    expect(x.handshake(asked("MWU4YTdmNjItNGQ3OS00"), context)).toMatchObject({
      status: 200,
      body: JSON.stringify({ response_token: xSignature(secret, "MWU4YTdmNjItNGQ3OS00") }),
    });
  });

  test("nothing that could be the body of an event is ever signed for a stranger", async () => {
    const { context } = await startNetwork(x);
    fc.assert(
      fc.property(fc.json(), (body) => {
        // A number or a single word is JSON, but no event.
        if (!/^\s*[[{"]/.test(body)) return;
        expect(x.handshake(asked(body), context)).toBeNull();
      }),
    );
    expect(x.handshake(asked(""), context)).toBeNull();
    expect(x.handshake(asked("a".repeat(129)), context)).toBeNull();
  });

  /** Symptom: a stranger had a word signed as a challenge, sent it as a body, and filled the log with as many as they liked. */
  test("what was signed for a stranger as a challenge is no genuine body", async () => {
    const { context } = await startNetwork(x);
    for (const token of ["123", "true", "MWU4YTdmNjItNGQ3OS00"]) {
      const answer = x.handshake(asked(token), context);
      const { response_token } = JSON.parse(answer?.body ?? "{}") as { response_token: string };
      const headers = { [X_SIGNATURE]: response_token };
      const request = { method: "POST", url, headers, body: Buffer.from(token) };
      expect(x.verify(request, context)).toMatchObject({ isGenuine: false });
    }
  });

  test("no byte of a signed request can be another", async () => {
    const { context } = await startNetwork(x);
    const body = Buffer.from('{"for_user_id":"2244994945","direct_message_events":[]}');
    const secret = context.secrets["consumerSecret"]?.[0] ?? "";
    const headers = { [X_SIGNATURE]: xSignature(secret, body) };
    const request = (changed: Uint8Array): WebhookRequest => ({
      method: "POST",
      url,
      headers,
      body: changed,
    });
    expect(x.verify(request(body), context)).toEqual({ isGenuine: true });
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Uint8Array.from(body);
        changed[at] = (changed[at] ?? 0) ^ mask;
        expect(x.verify(request(changed), context)).toMatchObject({ isGenuine: false });
      }),
    );
  });

  test.each([
    "https://ton.twitter.com.example.org/1.1/ton/data/dm/1",
    "http://ton.twitter.com/1.1/ton/data/dm/1",
    "file:///etc/passwd",
    "nonsense",
  ])("nothing is fetched from %s", async (ref) => {
    const { context } = await startNetwork(x);
    const media = { kind: "image", ref } as const;
    const fetching = x.fetchMedia(media, context, AbortSignal.timeout(15_000));
    await expect(fetching).rejects.toMatchObject({ code: "permission_denied" });
  });

  test("what a person has read is told once", async () => {
    const { simulator, context, events } = await startNetwork(x);
    await x.send(jobFor(ANN, "one"), context);
    await x.send(jobFor(ANN, "two"), context);
    await simulator.handset.read?.(PERSON);
    await simulator.handset.read?.(PERSON);
    expect(await events()).toMatchObject([{ type: "read", sender: { addresses: [ANN] } }]);
  });

  test("a simulated person may read at once what comes", async () => {
    const { simulator, context, events } = await startNetwork(x, {}, { readsAtOnce: true });
    await x.send(jobFor(ANN, "one"), context);
    expect(simulator.handset.messages(PERSON)).toMatchObject([{ status: "read" }]);
    expect(await events()).toMatchObject([{ type: "read" }]);
  });
});

describe("the health of a connection to X", () => {
  test("a token of another account is told", async () => {
    const { context } = await startNetwork(x, { accountId: "1" });
    expect(await x.health(context, AbortSignal.timeout(15_000))).toMatchObject({
      state: "down",
      humanAction: "relogin",
    });
  });
});
