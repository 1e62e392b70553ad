import { expect, test } from "vitest";
import { classify, readReply } from "./smtp-status.ts";

test.each([
  ["550 5.1.1 No such user", "invalid_recipient", true],
  ["550 No such user here", "invalid_recipient", true],
  ["550 Mailbox unavailable", "invalid_recipient", false],
  ["550 Blocked, see our block list", "spam_blocked", false],
  ["550 5.1.8 Sender's domain does not exist", "auth", false],
  ["552 5.2.2 Mailbox full", "unreachable", false],
  ["552 5.3.4 Message too big", "too_large", false],
  ["552 Message size exceeds limit", "too_large", false],
  ["550 5.7.1 Message rejected as spam", "spam_blocked", false],
  ["554 Transaction failed", "spam_blocked", false],
  ["550 5.7.26 Unauthenticated mail", "spam_blocked", false],
  ["535 5.7.8 Authentication failed", "auth", false],
  ["530 Authentication required", "auth", false],
  ["554 5.6.0 Malformed", "content_rejected", false],
  ["554 5.4.4 No route to host", "unreachable", false],
  ["421 4.3.2 Shutting down", "network", false],
  ["451 4.7.1 Greylisted", "rate_limited", false],
  ["450 Busy", "rate_limited", false],
  ["500 What?", "unknown", false],
])("%j is %s", (reply, klass, isGone) => {
  expect(classify(readReply(reply))).toMatchObject({ class: klass, isGone });
});

test("how long to wait is read from what the server says", () => {
  const wait = (text: string): number | undefined => classify(readReply(text)).retryAfterMs;
  expect(wait("451 4.7.1 Greylisted, please try again in 300 seconds")).toBe(300_000);
  expect(wait("450 Try again in 5 minutes")).toBe(300_000);
  expect(wait("450 Try again later")).toBeUndefined();
});

test("an answer of several lines is read as one", () => {
  expect(readReply("550-5.1.1 The mailbox\r\n550 5.1.1 is not there")).toEqual({
    code: 550,
    enhanced: "5.1.1",
    text: "550-5.1.1 The mailbox 550 5.1.1 is not there",
  });
});
