import { describeConnector } from "@anywire/testkit";
import { expect, test } from "vitest";
import { jobFor, startNetwork } from "../wire/network-under-test.fixture.ts";
import { twilioHealth } from "./twilio-health.ts";
import { twilioSms } from "./twilio-sms.ts";

describeConnector(twilioSms);

const FROM_CODE =
  "MessageSid=SM00000000000000000000000000000001&SmsStatus=received&Body=Your+code&To=%2B15005550006";

test.each([
  ["72444", "sms_sender:72444"],
  ["My Bank", "sms_sender:My%20Bank"],
  ["+447700900123", "phone:+447700900123"],
])("a message from %s is from %s", async (from, address) => {
  const { context } = await startNetwork(twilioSms);
  const body = new TextEncoder().encode(`${FROM_CODE}&From=${encodeURIComponent(from)}`);
  const request = { method: "POST", url: context.webhookUrl, headers: {}, body };
  const [event] = await twilioSms.parse(request, context);
  expect(event).toMatchObject({
    type: "message",
    text: "Your code",
    sender: { addresses: [address] },
  });
});

test("what writes from a short code can be answered only if Twilio says so", async () => {
  const { context } = await startNetwork(twilioSms);
  const result = await twilioSms.send(jobFor("sms_sender:72444", "hi"), context);
  expect(result).toMatchObject({ outcome: "rejected", class: "invalid_recipient" });
});

test("a sender without MMS gets links in the place of media", async () => {
  const { context } = await startNetwork(twilioSms, { sendsMedia: false });
  expect(twilioSms.capabilities(context).media?.image).toEqual({ level: "fallback" });
});

test("a connection needs a sender, and takes no setting that it does not know", () => {
  const accountSid = `AC${"0".repeat(32)}`;
  const accepts = (settings: object) => twilioSms.configSchema.safeParse(settings).success;
  expect(accepts({ accountSid, from: "+15005550006" })).toBe(true);
  expect(accepts({ accountSid, messagingServiceSid: `MG${"0".repeat(32)}` })).toBe(true);
  expect(accepts({ accountSid })).toBe(false);
  expect(accepts({ accountSid, from: "somebody with a long name" })).toBe(false);
  expect(accepts({ accountSid, from: "+15005550006", fro: "x" })).toBe(false);
});

test("an account that is not let in is down, and a person has to log in again", async () => {
  const { context } = await startNetwork(twilioSms);
  const secrets = { authToken: ["wrong"] };
  const health = await twilioHealth({ ...context, secrets }, AbortSignal.timeout(15_000));
  expect(health).toMatchObject({ state: "down", humanAction: "relogin" });
});
