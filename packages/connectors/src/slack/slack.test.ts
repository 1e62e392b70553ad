import { describeConnector } from "@anywire/testkit";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Fault } from "../contract/simulator.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { Faults } from "../simulator/faults.ts";
import { json, startNetworkServer } from "../simulator/network-server.ts";
import {
  attachment,
  changeOf,
  contentOf,
  jobFor,
  patienceWith,
  startNetwork,
} from "../wire/network-under-test.fixture.ts";
import { slack } from "./slack.ts";
import { rejectedBySlack } from "./slack-errors.ts";
import { slackSignature } from "./slack-signature.ts";
import { SLACK_DISABLED_PERSON } from "./slack-simulator.ts";
import { fromSlackText, toSlackText } from "./slack-text.ts";

const ANN = "slack:U0ANN00001";
const PERSON = "U0ANN00001";
const PAGE = { "content-type": "text/html" };

describeConnector(slack);

describe("sending to Slack", () => {
  const outcomes: readonly (readonly [Fault, object, number])[] = [
    [
      { kind: "rate_limit", retryAfterMs: 7000, times: 1 },
      { outcome: "rejected", class: "rate_limited", retryAfterMs: 7000 },
      0,
    ],
    [{ kind: "server_error", times: 1 }, { outcome: "unknown" }, 0],
    [{ kind: "html", times: 1 }, { outcome: "unknown" }, 0],
    [{ kind: "accept_then_hang", times: 1 }, { outcome: "unknown" }, 1],
    [{ kind: "accept_then_close", times: 1 }, { outcome: "unknown" }, 1],
  ];
  test.each(outcomes)("%j has the outcome %j", async (fault, outcome, accepted) => {
    const { simulator, context } = await startNetwork(slack);
    simulator.inject(fault);
    const job = jobFor(ANN, "hello", { signal: patienceWith(fault, simulator) });
    expect(await slack.send(job, context)).toMatchObject(outcome);
    expect(simulator.accepted).toBe(accepted);
  });

  test("what was taken without an answer is found again by the delivery's id", async () => {
    const { simulator, context } = await startNetwork(slack);
    expect(await slack.send(jobFor(ANN, "same"), context)).toMatchObject({ outcome: "accepted" });
    simulator.inject({ kind: "accept_then_close", times: 1 });
    const job = jobFor(ANN, "same");
    expect(await slack.send(job, context)).toMatchObject({ outcome: "unknown" });
    const last = simulator.handset.messages(PERSON).at(-1)?.id;
    expect(await slack.reconcile(job, context)).toEqual({
      outcome: "accepted",
      externalIds: [last],
    });
  });

  test("an answer in a thread is found again, too", async () => {
    const { simulator, context } = await startNetwork(slack);
    const question = await simulator.handset.write(PERSON, { text: "well?" });
    simulator.inject({ kind: "accept_then_close", times: 1 });
    const job = jobFor(ANN, "well", { replyTo: question.id });
    expect(await slack.send(job, context)).toMatchObject({ outcome: "unknown" });
    expect(await slack.reconcile(job, context)).toMatchObject({ outcome: "accepted" });
  });

  test("that a message is not there proves nothing: it may still be on its way", async () => {
    const { context } = await startNetwork(slack);
    expect(await slack.reconcile(jobFor(ANN, "hello"), context)).toBeUndefined();
  });

  test("files are one message, whose name is that of the message", async () => {
    const { simulator, context } = await startNetwork(slack);
    const media = [
      ...attachment("a.png", "image/png", Buffer.from("a")),
      ...attachment("b.pdf", "application/pdf", Buffer.from("b")),
    ];
    const job = jobFor(ANN, "1 < 2", { content: contentOf("1 < 2", { media }) });
    const sent = await slack.send(job, context);
    const [shown] = simulator.handset.messages(PERSON);
    expect(sent).toEqual({ outcome: "accepted", externalIds: [shown?.id] });
    expect(shown).toMatchObject({ text: "1 < 2", media: [{ name: "a.png" }, { name: "b.pdf" }] });
    expect(simulator.accepted).toBe(1);
  });

  test("a file that can't be brought is told for certain: nobody has seen it", async () => {
    const { simulator, context } = await startNetwork(slack);
    const media = attachment("empty.png", "image/png", Buffer.from(""));
    const job = jobFor(ANN, "look", { content: contentOf("look", { media }) });
    expect(await slack.send(job, context)).toMatchObject({ outcome: "rejected" });
    expect(simulator.accepted).toBe(0);
  });

  test("a person whose account is off, one who is not there, and a name are told apart", async () => {
    const { context } = await startNetwork(slack);
    const classes = await Promise.all(
      [`slack:${SLACK_DISABLED_PERSON}`, "slack:U!", "slack:ann", "slack:C0NOWHERE"].map(
        async (to) => await slack.send(jobFor(to, "hello"), context),
      ),
    );
    expect(classes).toMatchObject([
      { class: "unreachable" },
      { class: "invalid_recipient" },
      { class: "invalid_recipient" },
      { class: "invalid_recipient", code: "channel_not_found" },
    ]);
  });

  test("nobody is mentioned by what somebody writes", async () => {
    const { simulator, context } = await startNetwork(slack);
    const text = "<!channel> <@U0BOB> &lt;";
    await slack.send(jobFor(ANN, text), context);
    expect(simulator.handset.messages(PERSON)[0]?.text).toBe(text);
  });

  test("what becomes too long by what Slack reads in it is refused", async () => {
    const { simulator, context } = await startNetwork(slack);
    const result = await slack.send(jobFor(ANN, "&".repeat(10_000)), context);
    expect(result).toMatchObject({ outcome: "rejected", class: "too_large" });
    // Nobody was asked.
    expect(result).not.toHaveProperty("code");
    expect(simulator.accepted).toBe(0);
  });

  test.each([
    ["channel_not_found", "invalid_recipient"],
    ["not_in_channel", "unreachable"],
    ["is_archived", "unreachable"],
    ["invalid_auth", "auth"],
    ["token_revoked", "auth"],
    ["account_inactive", "auth"],
    ["msg_too_long", "too_large"],
    ["ratelimited", "rate_limited"],
    ["a_word_of_tomorrow", "content_rejected"],
  ])("%s is %s", (word, name) => {
    expect(rejectedBySlack(word)).toMatchObject({ outcome: "rejected", class: name, code: word });
  });

  test("what Slack itself is not sure of is unknown", () => {
    expect(rejectedBySlack("fatal_error")).toMatchObject({ outcome: "unknown" });
  });
});

describe("changing what was sent to Slack", () => {
  test("what is so already is no failure", async () => {
    const { context } = await startNetwork(slack);
    const job = jobFor(ANN, "hello");
    const sent = await slack.send(job, context);
    if (sent.outcome !== "accepted") throw new Error("it was not taken");
    const change = changeOf(job, sent.externalIds);
    for (const action of ["add", "add", "remove", "remove"] as const) {
      const mark = { ...change, emoji: "👍", action };
      expect(await slack.react(mark, context)).toMatchObject({ outcome: "accepted" });
    }
    for (let times = 0; times < 2; times += 1) {
      expect(await slack.delete(change, context)).toMatchObject({ outcome: "accepted" });
    }
  });

  test("a mark without a name, and a message of another kind, are unsupported", async () => {
    const { context } = await startNetwork(slack);
    const change = changeOf(jobFor(ANN, "hello"), ["D1:file:F1"], "hello");
    expect(await slack.edit(change, context)).toMatchObject({ class: "unsupported" });
    const mark = { ...change, emoji: "🦖", action: "add" } as const;
    expect(await slack.react(mark, context)).toMatchObject({ class: "unsupported" });
  });
});

describe("what Slack brings", () => {
  // The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
  const secret = "8f742231b10e8888abcd99yyyzzz85a5";
  const timestamp = "1531420618";
  const body = Buffer.from(
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  );
  const signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

  test("the signature of Slack's own example is the one that they give", () => {
    expect(slackSignature(secret, timestamp, body)).toBe(signature);
  });

  test("no byte of a signed request can be another", async () => {
    const { context } = await startNetwork(slack);
    const known = {
      ...context,
      secrets: { signingSecret: [secret] },
      now: () => 1_531_420_618_000,
    };
    const request = (changed: Uint8Array): WebhookRequest => ({
      method: "POST",
      url: "https://chat.example.org/v1/webhooks/slack",
      headers: { "x-slack-signature": signature, "x-slack-request-timestamp": timestamp },
      body: changed,
    });
    expect(slack.verify(request(body), known)).toEqual({ isGenuine: true });
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Uint8Array.from(body);
        changed[at] = (changed[at] ?? 0) ^ mask;
        expect(slack.verify(request(changed), known)).toMatchObject({ isGenuine: false });
      }),
    );
  });

  test("a challenge is answered only when it is signed", async () => {
    const { context } = await startNetwork(slack);
    const asked = Buffer.from(JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a" }));
    const now = String(Math.floor(Date.now() / 1000));
    const signed = slackSignature(context.secrets["signingSecret"]?.[0] ?? "", now, asked);
    const request = (given: string): WebhookRequest => ({
      method: "POST",
      url: context.webhookUrl,
      headers: { "x-slack-signature": given, "x-slack-request-timestamp": now },
      body: asked,
    });
    expect(slack.handshake(request("v0=forged"), context)).toBeNull();
    expect(slack.handshake(request(signed), context)).toMatchObject({
      status: 200,
      body: '{"challenge":"3eZbrw1a"}',
    });
  });

  test.each([
    ["https://files.example.org/F1", "permission_denied"],
    ["https://slack.com.example.org/F1", "permission_denied"],
    ["http://files.slack.com/F1", "permission_denied"],
    ["/page", "unavailable"],
  ])(
    "of a file at %s no more than %s comes, and the token goes to Slack only",
    async (url, code) => {
      const faults = {
        isSend: () => false,
        rateLimited: () => json({}),
        serverError: () => json({}),
      };
      const asked: string[] = [];
      const server = await startNetworkServer(
        ({ path }) => {
          asked.push(path);
          if (path === "/page") return { status: 200, headers: PAGE, body: "<title>Sign in" };
          const file = { url_private: url.replace(/^\//, `${server.url}/`), mimetype: "image/png" };
          return json({ ok: true, file });
        },
        new Faults(),
        faults,
      );
      onTestFinished(() => server.close());
      const { context } = await startNetwork(slack);
      const elsewhere = { ...context, settings: { baseUrl: `${server.url}/api/` } };
      const signal = AbortSignal.timeout(15_000);
      const ref = { kind: "file", ref: "F1" } as const;
      await expect(slack.fetchMedia(ref, elsewhere, signal)).rejects.toMatchObject({ code });
      expect(asked).toEqual(["/api/files.info", ...(code === "unavailable" ? ["/page"] : [])]);
    },
  );

  test("any text that is written for Slack is read as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(fromSlackText(toSlackText(text))).toBe(text);
      }),
    );
  });

  test.each([
    ["<https://example.org>", "https://example.org"],
    ["<http://example.org|example.org>", "http://example.org"],
    ["<mailto:ann@example.org|ann@example.org>", "ann@example.org"],
    ["<!subteam^S1|@support> <!date^1392734382^{date}|Feb 18>", "@support Feb 18"],
    ["<@U1|bob> <#C1>", "@bob #C1"],
    ["a > b <", "a > b <"],
  ])("%s reads %s", (text, words) => {
    expect(fromSlackText(text)).toBe(words);
  });
});

describe("the health of a connection to Slack", () => {
  test("a token that does not hold needs a person", async () => {
    const { context } = await startNetwork(slack);
    const secrets = { ...context.secrets, botToken: ["xoxb-wrong"] };
    const health = await slack.health({ ...context, secrets }, AbortSignal.timeout(15_000));
    expect(health).toMatchObject({ state: "down", humanAction: "relogin" });
  });
});
