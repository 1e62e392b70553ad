import { createHmac } from "node:crypto";
import { runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import forwardToWebhook from "./forward-to-webhook.ts";

const SECRETS = { WEBHOOK_URL: "https://hooks.example.org/sms", WEBHOOK_KEY: "between us" };
const TEXT = { channel: "production.sms.7", id: "m-1", sender: "phone:+447700900123", at: 1_000 };

test("a text is posted, with a signature that the receiver can check", async () => {
  const { requests } = await runFunction(
    forwardToWebhook,
    { ...TEXT, message: "hello" },
    { secrets: SECRETS, fetch: () => new Response() },
  );
  expect(requests).toMatchObject([{ method: "POST", url: SECRETS.WEBHOOK_URL }]);
  const { body = "", headers = {} } = requests[0] ?? {};
  expect(JSON.parse(body)).toEqual({ ...TEXT, message: { text: "hello" } });
  const expected = createHmac("sha256", "between us").update(body).digest("hex");
  expect(headers).toMatchObject({ "x-event-id": "m-1", "x-signature": `sha256=${expected}` });
});

test("a receiver that fails is tried again", async () => {
  const run = runFunction(
    forwardToWebhook,
    {},
    { secrets: SECRETS, fetch: () => new Response("", { status: 503 }) },
  );
  await expect(run).rejects.toThrow("the webhook answered 503");
});

test("nothing is lost while the secrets are missing", async () => {
  await expect(runFunction(forwardToWebhook)).rejects.toThrow("set the secrets");
});
