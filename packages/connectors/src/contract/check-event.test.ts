import { expect, test } from "vitest";
import { builtInConnectors } from "../built-in/index.ts";
import { eventProblem } from "./check-event.ts";

const sender = { addresses: ["raven:ann"] };
const message = { type: "message", at: 1, externalId: "1", sender };

test.each([
  [null, "it has no type"],
  ["a", "it has no type"],
  [{ at: 1 }, "it has no type"],
  [{ ...message, externalId: 5 }, "message: externalId must be a text"],
  [{ ...message, sender: undefined }, "message: sender must be an object with addresses"],
  [{ ...message, sender: { addresses: [] } }, "message: sender.addresses must name an address"],
  [{ ...message, isSenderProven: "yes" }, "message: isSenderProven must be true or false"],
  [{ ...message, at: "now" }, "message: at must be a number"],
  [{ ...message, media: [{ kind: "hologram", ref: "x" }] }, "message: media.0.kind must be a kind"],
  [{ type: "receipt", at: 1, status: "lost" }, "receipt: status must be a status of a message"],
  [{ type: "consent", at: 1, state: "maybe", reason: "", sender }, "consent: state must be in or"],
])("%j is told to be wrong", (event, words) => {
  expect(eventProblem(event)).toContain(words);
});

test("what is more than is known is nobody's mistake", () => {
  expect(eventProblem({ ...message, colour: "red" })).toBeUndefined();
  expect(eventProblem({ type: "tomorrow" })).toBeUndefined();
});

test("nothing is wrong with what the built-in connectors tell", async () => {
  const fixtures = await Promise.all(builtInConnectors.map(async (one) => await one.fixtures?.()));
  const events = fixtures.flat().flatMap((fixture) => fixture?.events ?? []);
  expect(events.length).toBeGreaterThan(20);
  for (const event of events) expect(eventProblem(event)).toBeUndefined();
});
