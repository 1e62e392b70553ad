import { expect, test } from "vitest";
import { sampleEvent } from "./sample-event.ts";

test("a sample is one that the function would run for", () => {
  const sms = { trigger: "beforePublish", binding: "*.sms.*", options: {} } as const;
  const message = { sender: "account:bob", message: { text: "Hello" } };
  expect(sampleEvent(sms, 0)).toEqual({ channel: "production.sms.1", ...message });
  expect(sampleEvent({ ...sms, binding: "staging.>" }, 0)).toMatchObject({
    channel: "staging.group.1",
  });
  expect(sampleEvent({ ...sms, binding: "*.group.lobby" }, 0)).toMatchObject({
    channel: "production.group.lobby",
  });
});

test("a function that takes data only gets data", () => {
  const options = { kinds: ["data"] };
  expect(sampleEvent({ trigger: "afterPublish", binding: ">", options }, 0)).toEqual({
    channel: "production.group.1",
    sender: "account:bob",
    data: { hello: "world" },
  });
});

test("a request has the function's method and a path that leads to it", () => {
  const on = (binding: string) => sampleEvent({ trigger: "onRequest", binding, options: {} }, 0);
  expect(on("POST /tickets/:id")).toEqual({
    method: "POST",
    path: "/tickets/1",
    body: { text: "Hello" },
  });
  expect(on("* /files/*")).toEqual({ method: "GET", path: "/files/" });
});

test("signals, joins and moments have samples, too", () => {
  const of = (trigger: "afterSignal" | "afterPresence" | "onCron") =>
    sampleEvent({ trigger, binding: "*.direct.*", options: {} }, 42);
  expect(of("afterSignal")).toMatchObject({ channel: "production.direct.1", kind: "typing" });
  expect(of("afterPresence")).toMatchObject({ action: "join", accountId: "bob" });
  expect(of("onCron")).toEqual({ scheduledAt: 42 });
});
