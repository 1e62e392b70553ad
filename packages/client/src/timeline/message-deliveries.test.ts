import type { Entry, EntryData, MessageDelivery } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { asSent, type TimelineMessage } from "./timeline-message.ts";
import { EMPTY_TIMELINE, receive, type TimelineState, take } from "./timeline-state.ts";

const CHANNEL = "p.sms.a";
const ERROR = { class: "unreachable", reason: "it is off" } as const;

type Step = EntryData<"delivery">;

const PLAN = {
  id: "d1",
  message: "m",
  action: "send",
  cause: null,
  participant: "contact:ann",
  address: "phone:+447700900123",
  connection: "sms-main",
  network: "sms",
  expiresAt: 9,
  fallbackOf: null,
  fallback: null,
} as const;

const QUEUED: Step = { step: "queued", ...PLAN };
const SENT: Step = { step: "sent", id: "d1", externalIds: ["x"] };
const FAILED: Step = { step: "failed", id: "d1", error: ERROR };

function messageOf(id: string, offset: number): TimelineMessage {
  const data = { text: id };
  return asSent({ id, channel: CHANNEL, offset, sender: "account:bob", at: 1, data });
}

/** A timeline with two messages, after these steps. */
function afterSteps(...steps: readonly Step[]): TimelineState {
  const start = receive(EMPTY_TIMELINE, [messageOf("m", 1), messageOf("n", 2)]);
  return steps.reduce((state, data, i) => takeStep(state, data, 3 + i).state, start);
}

function takeStep(state: TimelineState, data: Step, offset: number) {
  const entry = {
    id: `e${offset}`,
    offset,
    kind: "delivery",
    sender: "system:x",
    at: offset,
    data,
  };
  return take(state, CHANNEL, entry as unknown as Entry);
}

function deliveriesOf(state: TimelineState): readonly MessageDelivery[] | undefined {
  return state.messages.find(({ id }) => id === "m")?.deliveries;
}

function statusAfter(...steps: readonly Step[]): string | undefined {
  return deliveriesOf(afterSteps(QUEUED, ...steps))?.[0]?.status;
}

test("a message tells of its deliveries as they come on, though later steps name only the delivery", () => {
  expect(deliveriesOf(afterSteps())).toBeUndefined();
  expect(deliveriesOf(afterSteps(QUEUED))).toEqual([
    {
      ...{ id: "d1", participant: "contact:ann", network: "sms", connection: "sms-main" },
      ...{ status: "queued", error: null },
    },
  ]);
  expect(statusAfter({ step: "sending", id: "d1", attempt: 1 })).toBe("sending");
  expect(statusAfter(SENT)).toBe("sent");
  expect(statusAfter(SENT, { step: "delivered", id: "d1" }, { step: "read", id: "d1" })).toBe(
    "read",
  );
  expect(afterSteps(QUEUED, SENT).messages[1]?.deliveries).toBeUndefined();
});

test("what comes late or twice takes nothing back", () => {
  const DELIVERED: Step = { step: "delivered", id: "d1" };
  const READ: Step = { step: "read", id: "d1" };
  expect(statusAfter(READ, DELIVERED, SENT)).toBe("read");
  expect(statusAfter(DELIVERED, FAILED)).toBe("delivered");
  expect(statusAfter(FAILED, SENT)).toBe("failed");
  expect(statusAfter(FAILED, DELIVERED)).toBe("delivered");
  expect(deliveriesOf(afterSteps(QUEUED, QUEUED))).toHaveLength(1);
});

test("what was refused or failed says why, until it is tried again", () => {
  expect(deliveriesOf(afterSteps({ step: "refused", ...PLAN, error: ERROR }))).toMatchObject([
    { status: "failed", error: ERROR },
  ]);
  expect(deliveriesOf(afterSteps(QUEUED, FAILED))).toMatchObject([{ error: ERROR }]);
  const retried: Step = { step: "retried", id: "d1", expiresAt: 10 };
  expect(deliveriesOf(afterSteps(QUEUED, FAILED, retried))).toMatchObject([
    { status: "queued", error: null },
  ]);
});

test("where another connection stands in, what still waits is called back", () => {
  const fallback: Step = { ...QUEUED, id: "d2", connection: "wa", fallbackOf: "d1" };
  expect(deliveriesOf(afterSteps(QUEUED, fallback))).toMatchObject([
    { id: "d1", status: "canceled" },
    { id: "d2", status: "queued" },
  ]);
  expect(deliveriesOf(afterSteps(QUEUED, SENT, fallback))?.[0]?.status).toBe("sent");
});

test("an edit that is sent on is no delivery of the message", () => {
  expect(deliveriesOf(afterSteps({ ...QUEUED, action: "edit", cause: "c" }))).toBeUndefined();
});

test("a message tells of the first 20, and nothing is asked about the others", () => {
  const plans = Array.from({ length: 25 }, (_, i): Step => ({ ...QUEUED, id: `d${i}` }));
  const state = afterSteps(...plans);
  expect(deliveriesOf(state)).toHaveLength(20);
  const taken = takeStep(state, { step: "sent", id: "d24", externalIds: [] }, 90);
  expect(taken).toEqual({ state });
});

test("what only the server can tell is asked for", () => {
  const reason = "no answer";
  const state = afterSteps(
    QUEUED,
    { step: "sending", id: "d1", attempt: 1 },
    { step: "unconfirmed", id: "d1", isFinal: false, reason },
  );
  expect(deliveriesOf(state)).toMatchObject([{ status: "unconfirmed", error: { reason } }]);
  const postponed = {
    step: "postponed",
    id: "d1",
    dueAt: 9,
    isAttempt: true,
    error: ERROR,
  } as const;
  expect(takeStep(state, postponed, 9).unsure?.id).toBe("m");
});

test("receipts in any order, each any number of times, come to the same", () => {
  const receipts = ["sent", "delivered", "read"] as const;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...receipts), { minLength: 1 }), (order) => {
      const steps = order.map((step): Step => (step === "sent" ? SENT : { step, id: "d1" }));
      const highest = receipts.findLast((one) => order.includes(one));
      expect(statusAfter(...steps)).toBe(highest);
    }),
  );
});
