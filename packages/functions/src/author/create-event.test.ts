import { expect, test } from "vitest";
import { completeEvent } from "./complete-event.ts";
import { createEvent } from "./create-event.ts";

const input = completeEvent({ trigger: "beforePublish", binding: "*.sms.*", options: {} }, {});

test("an event can be cloned and told as JSON, though it can be answered", () => {
  const event = createEvent("beforePublish", input);
  expect(structuredClone(event)).toEqual(input);
  expect(JSON.parse(JSON.stringify(event))).toEqual(input);
  expect({ ...event }).toEqual(input);
});

test("the answers need no this", () => {
  const { ok, abort, reroute } = createEvent("beforePublish", input);
  expect([ok(), abort("no"), reroute("a.b.c")]).toEqual([
    { type: "ok" },
    { type: "abort", reason: "no" },
    { type: "reroute", channel: "a.b.c" },
  ]);
});
