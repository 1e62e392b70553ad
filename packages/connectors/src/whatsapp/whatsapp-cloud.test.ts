import { describeConnector } from "@anywire/testkit";
import { expect, test } from "vitest";
import { jobFor, startNetwork } from "../wire/network-under-test.fixture.ts";
import { whatsappCloud } from "./whatsapp-cloud.ts";
import { whatsappHealth } from "./whatsapp-health.ts";

describeConnector(whatsappCloud);

const PERSON = "+447700900123";

test("a person with another number is told as the same one, and is reached at the new id only", async () => {
  const { simulator, context, events } = await startNetwork(whatsappCloud);
  await simulator.handset.write(PERSON, { text: "before" });
  const [before] = await events();
  await simulator.handset.changeIdentity?.(PERSON, "+447700900456");
  const changes = (await events()).filter((event) => event.type === "identity_changed");
  const [oldId = ""] = before?.type === "message" ? before.sender.addresses : [];
  expect(changes).toEqual([
    expect.objectContaining({ from: oldId, to: expect.stringMatching(/^whatsapp:US\./) }),
    expect.objectContaining({ from: `whatsapp:${PERSON}`, to: "whatsapp:+447700900456" }),
    expect.objectContaining({ from: `phone:${PERSON}`, to: "phone:+447700900456" }),
  ]);
  const newId = changes[0]?.type === "identity_changed" ? changes[0].to : "";
  expect(await whatsappCloud.send(jobFor(newId, "still you?"), context)).toMatchObject({
    outcome: "accepted",
  });
  expect(simulator.handset.messages("+447700900456").map(({ text }) => text)).toEqual([
    "before",
    "still you?",
  ]);
  expect(await whatsappCloud.send(jobFor(oldId, "lost"), context)).toMatchObject({
    outcome: "rejected",
  });
});

test("a second mark of a person takes the first one's place", async () => {
  const { simulator, context, events } = await startNetwork(whatsappCloud);
  await simulator.handset.write(PERSON, { text: "hello" });
  const result = await whatsappCloud.send(jobFor(`whatsapp:${PERSON}`, "a joke"), context);
  const [id = ""] = result.outcome === "accepted" ? result.externalIds : [];
  await simulator.handset.react?.(PERSON, id, "👍");
  await simulator.handset.react?.(PERSON, id, "😂");
  await simulator.handset.react?.(PERSON, id, null);
  const marks = (await events()).flatMap((event) =>
    event.type === "reaction" ? [[event.action, event.emoji, event.replaces]] : [],
  );
  expect(marks).toEqual([
    ["add", "👍", true],
    ["add", "😂", true],
    ["remove", "", undefined],
  ]);
});

test("a connection whose token does not hold is down, and a person has to make a new one", async () => {
  const { context } = await startNetwork(whatsappCloud);
  const secrets = { ...context.secrets, accessToken: ["wrong"] };
  const health = await whatsappHealth({ ...context, secrets }, AbortSignal.timeout(15_000));
  expect(health).toMatchObject({ state: "down", humanAction: "relogin" });
});

test("a person of whom Meta tells the number has it as a phone number, too", async () => {
  const { simulator, events } = await startNetwork(whatsappCloud);
  await simulator.handset.write(PERSON, { text: "hello" });
  expect(await events()).toEqual([
    expect.objectContaining({
      sender: {
        addresses: [
          expect.stringMatching(/^whatsapp:US\.\d+$/),
          `whatsapp:${PERSON}`,
          `phone:${PERSON}`,
        ],
        name: PERSON,
      },
    }),
  ]);
});
