import { describeConnector } from "@anywire/testkit";
import { expect, test } from "vitest";
import { contentOf, jobFor, startNetwork } from "../wire/network-under-test.fixture.ts";
import { twilioWhatsapp } from "./twilio-whatsapp.ts";

describeConnector(twilioWhatsapp);

const ANN = "whatsapp:+447700900123";

test("outside of the window a message fails later, and a template arrives", async () => {
  const { simulator, context, events } = await startNetwork(twilioWhatsapp);
  await twilioWhatsapp.send(jobFor(ANN, "hi"), context);
  expect(await events()).toContainEqual(
    expect.objectContaining({
      error: expect.objectContaining({ class: "window_closed", code: "63016" }),
    }),
  );
  const template = {
    type: "template" as const,
    name: `HX${"c".repeat(32)}`,
    language: "en",
    variables: ["Ann", "7 pm"],
  };
  await twilioWhatsapp.send(jobFor(ANN, "", { content: contentOf("", { template }) }), context);
  expect(await events()).toContainEqual(expect.objectContaining({ status: "delivered" }));
  expect(simulator.handset.messages("+447700900123").at(-1)?.text).toBe(
    `${template.name}: Ann, 7 pm`,
  );
});

test("a location goes with a text, which names it where nothing else is said", async () => {
  const { simulator, context } = await startNetwork(twilioWhatsapp);
  await simulator.handset.write("+447700900123", { text: "where?" });
  const location = {
    type: "location",
    latitude: 51.5,
    longitude: -0.12,
    label: "Big Ben",
  } as const;
  const content = contentOf("", { location });
  expect(await twilioWhatsapp.send(jobFor(ANN, "", { content }), context)).toMatchObject({
    outcome: "accepted",
  });
  expect(simulator.handset.messages("+447700900123").at(-1)?.text).toBe("Big Ben");
});

test("an answer names the message that it answers", async () => {
  const { simulator, context, events } = await startNetwork(twilioWhatsapp);
  await simulator.handset.write("+447700900123", { text: "hello" });
  const result = await twilioWhatsapp.send(jobFor(ANN, "a question"), context);
  const [replyTo = ""] = result.outcome === "accepted" ? result.externalIds : [];
  await simulator.handset.write("+447700900123", { text: "an answer", replyTo });
  expect(await events()).toContainEqual(expect.objectContaining({ text: "an answer", replyTo }));
});

test("whoever reads at once is told to have read", async () => {
  const { simulator, context, events } = await startNetwork(twilioWhatsapp);
  await simulator.handset.write("+447700900123", { text: "hello" });
  await twilioWhatsapp.send(jobFor(ANN, "hi"), context);
  await simulator.handset.read?.("+447700900123");
  expect(await events()).toContainEqual(
    expect.objectContaining({ status: "read", from: "+15005550006" }),
  );
});
