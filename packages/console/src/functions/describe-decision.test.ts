import { expect, test } from "vitest";
import { describeDecision } from "./describe-decision.ts";

test("what was decided is told, with what was changed", () => {
  expect(describeDecision({ result: { type: "ok" } })).toEqual({ tone: "good", title: "OK" });
  expect(describeDecision({ result: { type: "ok", changed: { text: "x" } } })).toEqual({
    tone: "good",
    title: "OK, changed",
    code: '{\n  "text": "x"\n}',
  });
  expect(describeDecision({ result: { type: "abort", reason: "too long" } })).toMatchObject({
    title: "Aborted",
    text: "too long",
  });
  expect(
    describeDecision({ result: { type: "reroute", channel: "production.group.desk" } }),
  ).toEqual({ tone: "good", title: "Rerouted", text: "To production.group.desk" });
});

test("a response is told as it would be sent", () => {
  const headers = [["content-type", "text/plain"]];
  const result = { type: "response", status: 404, headers, body: "not here" } as const;
  expect(describeDecision({ result })).toEqual({
    tone: "waiting",
    title: "Answered 404",
    code: "content-type: text/plain\n\nnot here",
  });
});

test("a failure is told with its stack; one of another kind, too", () => {
  const error = { failure: "threw", message: "out of ideas", stack: "at sms.ts:3:5" };
  expect(describeDecision({ error })).toEqual({
    tone: "bad",
    title: "Threw an error",
    text: "out of ideas",
    code: "at sms.ts:3:5",
  });
  expect(describeDecision({ error: { failure: "new_kind", message: "?" } }).title).toBe("Failed");
});
