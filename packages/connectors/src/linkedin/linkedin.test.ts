import { expect, test } from "vitest";
import type { WebhookRequest } from "../contract/webhook.ts";
import { jobFor, startNetwork } from "../wire/network-under-test.fixture.ts";
import { linkedin } from "./linkedin-connector.ts";
import { signLinkedin } from "./linkedin-signature.ts";

const ANN = "linkedin:ann-8Rk2xW";
const CHALLENGE = "890e4665-4dfe-4ab1-b689-ed553bceeed0";

function get(url: string): WebhookRequest {
  return { method: "GET", url, headers: {}, body: new Uint8Array() };
}

test("an answer goes into the thread that the person wrote in, and the first message to the person", async () => {
  const { simulator, context, events } = await startNetwork(linkedin);
  expect(linkedin.capabilities(context).references).toBe(true);
  const first = await linkedin.send(jobFor(ANN, "Hello", { title: "Your talk" }), context);
  expect(first).toMatchObject({ outcome: "accepted" });
  await simulator.handset.write("ann-8Rk2xW", { text: "Hi Bob" });
  const [event] = await events();
  expect(event).toMatchObject({
    type: "message",
    text: "Hi Bob",
    sender: { addresses: [ANN], name: "Ann Example" },
    receiver: "urn:li:person:bob-Yk41sQ",
  });
  const name = event?.type === "message" ? event.externalId : "";
  expect(name).toMatch(/^urn:li:messagingThread:2-ann-8Rk2xW\//);
  const ids = first.outcome === "accepted" ? first.externalIds : [];
  const answer = await linkedin.send(
    jobFor(ANN, "Good to hear", { title: "Your talk", references: [...ids, name] }),
    context,
  );
  expect(answer).toMatchObject({
    outcome: "accepted",
    externalIds: [expect.stringMatching(/^urn:li:messagingThread:2-ann-8Rk2xW\//)],
  });
  expect(
    simulator.handset.messages("ann-8Rk2xW").map(({ text, subject }) => [text, subject]),
  ).toEqual([
    ["Hello", "Your talk"],
    ["Hi Bob", undefined],
    ["Good to hear", undefined],
  ]);
});

test("whoever is no connection can't be written to, and the reason says so", async () => {
  const { context } = await startNetwork(linkedin);
  expect(await linkedin.send(jobFor("linkedin:stranger-1", "Hello"), context)).toMatchObject({
    outcome: "rejected",
    class: "unreachable",
    reason: expect.stringContaining("first-degree"),
  });
});

test("an address that is no member's is refused before anything is sent", async () => {
  const { simulator, context } = await startNetwork(linkedin);
  for (const to of ["phone:+447700900123", "linkedin:urn:li:organization:1", "linkedin:a/b"]) {
    expect(await linkedin.send(jobFor(to, "Hello"), context)).toMatchObject({
      outcome: "rejected",
      class: "invalid_recipient",
    });
  }
  expect(simulator.accepted).toBe(0);
});

test("the challenge is answered with the secret that holds now", async () => {
  const { context } = await startNetwork(linkedin);
  const rotated = { ...context, secrets: { ...context.secrets, clientSecret: ["new", "old"] } };
  const answer = linkedin.handshake(
    get(`${context.webhookUrl}?challengeCode=${CHALLENGE}&applicationId=1`),
    rotated,
  );
  expect(answer?.status).toBe(200);
  expect(JSON.parse(answer?.body ?? "")).toEqual({
    challengeCode: CHALLENGE,
    challengeResponse: "c675dd455d301003c4b27920ab4665c9320bf1a7e8751c0c0cda8ae294d81bfa",
  });
});

/** Symptom it would have: forged webhooks that are taken, since the answer to a challenge is a signature of any text with our secret. */
test("nothing but a random id is signed for whoever asks", async () => {
  const { context } = await startNetwork(linkedin);
  for (const code of ["", "hmacsha256={}", CHALLENGE.replace("-4ab1", "-1ab1"), `${CHALLENGE}{`]) {
    const url = `${context.webhookUrl}?challengeCode=${encodeURIComponent(code)}`;
    expect(linkedin.handshake(get(url), context)).toBeNull();
  }
  const post = { ...get(`${context.webhookUrl}?challengeCode=${CHALLENGE}`), method: "POST" };
  expect(linkedin.handshake(post, context)).toBeNull();
});

test("a signature counts with and without its prefix, and not without the prefix in what is signed", async () => {
  const { context } = await startNetwork(linkedin);
  const body = new TextEncoder().encode('{"elements":[]}');
  const signed = signLinkedin(body, context.secrets["clientSecret"]?.[0] ?? "");
  const verdict = async (signature: string): Promise<boolean> => {
    const headers = { "x-li-signature": signature };
    const request = { method: "POST", url: context.webhookUrl, headers, body };
    return (await linkedin.verify(request, context)).isGenuine;
  };
  expect(await verdict(signed)).toBe(true);
  expect(await verdict(`hmacsha256=${signed}`)).toBe(true);
  expect(await verdict(`sha256=${signed}`)).toBe(false);
});

test("the health of a connection says when the member has to sign in again", async () => {
  const { context } = await startNetwork(linkedin);
  const signal = AbortSignal.timeout(10_000);
  expect(await linkedin.health(context, signal)).toMatchObject({ state: "ok" });
  const expired = { ...context, secrets: { ...context.secrets, accessToken: ["expired"] } };
  expect(await linkedin.health(expired, signal)).toMatchObject({
    state: "down",
    humanAction: "relogin",
  });
});
