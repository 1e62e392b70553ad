import type { DeliveryStatus, MessageDelivery } from "@anywire/types";
import { expect, test } from "vitest";
import { describeDeliveries, gotLessFar, problemText } from "./describe-deliveries.ts";

function delivery(
  status: DeliveryStatus,
  participant = "contact:ann",
  changes: Partial<MessageDelivery> = {},
): MessageDelivery {
  const id = `${participant} ${status}`;
  return { id, participant, network: "sms", connection: "a", status, error: null, ...changes };
}

test("a message that stays in the app has no deliveries to tell of", () => {
  expect(describeDeliveries()).toBeUndefined();
  expect(describeDeliveries([])).toBeUndefined();
});

test("a message fares as with the one whom it reached the least", () => {
  expect(describeDeliveries([delivery("delivered")])).toMatchObject({
    status: "delivered",
    label: "Delivered",
    problems: [],
  });
  expect(describeDeliveries([delivery("read"), delivery("sent", "contact:ben")])).toMatchObject({
    status: "sent",
    label: "Sent, 1 of 2 delivered",
  });
});

test("of two ways to one person the better counts, so what failed and came another way is no problem", () => {
  const failed = delivery("failed");
  const deliveries = [failed, delivery("queued", "contact:ann", { network: "whatsapp" })];
  expect(describeDeliveries(deliveries)).toMatchObject({ status: "queued", problems: [] });
  expect(describeDeliveries([delivery("delivered"), failed])).toMatchObject({ problems: [] });
  expect(describeDeliveries([failed])).toMatchObject({ status: "failed", problems: [failed] });
});

test("a problem says what became of it and why, also when nobody said why", () => {
  const error = { class: "unreachable", reason: "the phone is off." } as const;
  expect(problemText(delivery("failed", "contact:ann", { error }))).toBe(
    "Not delivered by SMS: the phone is off.",
  );
  expect(problemText(delivery("unconfirmed", "contact:ann", { network: "pigeon" }))).toBe(
    "Nobody knows whether Pigeon delivered it: no reason was given.",
  );
});

test("a message that waits says why, where its network did", () => {
  const error = { class: "rate_limited", reason: "the network takes no more for now." } as const;
  const waiting = delivery("queued", "contact:ann", { error });
  expect(describeDeliveries([waiting])?.label).toBe("Waiting: the network takes no more for now");
  expect(describeDeliveries([delivery("queued", "contact:ben"), waiting])?.label).toBe(
    "Waiting, 0 of 2 delivered: the network takes no more for now",
  );
  expect(describeDeliveries([delivery("queued")])?.label).toBe("Waiting");
  // Problems say why on their own.
  expect(describeDeliveries([delivery("failed", "contact:ann", { error })])?.label).toBe(
    "Not delivered",
  );
});

test("a message does not pass for delivered because the one below it was", () => {
  const told = (status: DeliveryStatus) => ({ deliveries: [delivery(status)] });
  expect(gotLessFar(told("sent"), told("delivered"))).toBe(true);
  expect(gotLessFar(told("delivered"), told("delivered"))).toBe(false);
  expect(gotLessFar(told("delivered"), told("sending"))).toBe(false);
  // The one below it waits for it, and was not told why.
  const error = { class: "rate_limited", reason: "no more for now." } as const;
  const waiting = { deliveries: [delivery("queued", "contact:ann", { error })] };
  expect(gotLessFar(waiting, told("queued"))).toBe(true);
  expect(gotLessFar(waiting, waiting)).toBe(false);
  // It says so itself.
  expect(gotLessFar(told("failed"), told("delivered"))).toBe(false);
  expect(gotLessFar({}, told("delivered"))).toBe(false);
});
