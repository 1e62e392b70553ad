import { expect, test } from "vitest";
import type { InboundEvent } from "../contract/inbound-event.ts";
import type { EmailContext } from "./email-settings.ts";
import { contextOf, eventsOf, rawMail } from "./email-setup.fixture.ts";
import { bounceAddressOf, messageIdOf } from "./mail-tokens.ts";

const OURS = messageIdOf(contextOf(), {
  deliveryId: "d1",
  channel: "production.email.c1",
  subject: "Tea",
});

const [TO_D1 = "", TO_D2 = "", TO_D3 = ""] = ["d1", "d2", "d3"].map((id) =>
  bounceAddressOf(contextOf(), id),
);

interface Report {
  readonly action?: string;
  readonly status?: string;
  readonly returned?: readonly string[];
  readonly to?: string;
  readonly context?: EmailContext;
}

async function reported({
  action = "failed",
  status = "5.1.1",
  returned = [`Message-ID: ${OURS}`],
  to = TO_D1,
  context = contextOf(),
}: Report): Promise<InboundEvent | undefined> {
  const raw = rawMail(
    "From: MAILER-DAEMON@mx.test",
    "Subject: Undelivered",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "",
    "It did not work.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.test",
    "",
    "Final-Recipient: rfc822; ann@example.org",
    `Action: ${action}`,
    `Status: ${status}`,
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    ...returned,
    "",
    "--b--",
  );
  const [event] = await eventsOf(raw, { from: "", to: [to], context });
  return event;
}

test("a report tells which delivery failed, by the mail that it brings back", async () => {
  expect(await reported({})).toMatchObject({
    type: "receipt",
    deliveryId: "d1",
    externalId: OURS,
    status: "failed",
    error: { class: "invalid_recipient", code: "5.1.1" },
    suppressAddress: true,
  });
});

test("a report without the mail tells it by the address that it came to", async () => {
  const event = await reported({ returned: [], to: TO_D2 });
  expect(event).toMatchObject({ type: "receipt", deliveryId: "d2", status: "failed" });
  expect(event).not.toHaveProperty("externalId");
});

test.each([
  ["5.2.2", "unreachable"],
  ["5.7.1", "spam_blocked"],
  ["5.3.4", "too_large"],
  // Tried for days, then given up.
  ["4.4.1", "unreachable"],
  ["5.0.0", "unknown"],
])("a mail that failed with %s is %s, and its address is tried again", async (status, klass) => {
  const event = await reported({ status });
  expect(event).toMatchObject({ status: "failed", error: { class: klass, code: status } });
  expect(event).not.toHaveProperty("suppressAddress");
});

test("a mail that is late has not failed, and one that arrived is delivered", async () => {
  expect(await reported({ action: "delayed", status: "4.4.7" })).toMatchObject({ type: "ignored" });
  expect(await reported({ action: "relayed", status: "2.1.9" })).toMatchObject({ type: "ignored" });
  expect(await reported({ action: "delivered", status: "2.1.5" })).toMatchObject({
    type: "receipt",
    status: "delivered",
    deliveryId: "d1",
  });
});

test("a report about another's mail concerns nobody here", async () => {
  const to = "help@shop.test";
  const context = contextOf({ bounceAddress: undefined });
  expect(await reported({ returned: ["Message-ID: <x@other.test>"], to, context })).toMatchObject({
    type: "ignored",
  });
});

test("a report in words only is known by the address that it came to", async () => {
  const to = [TO_D3];
  const report = rawMail("From: postmaster@mx.test", "", "550 5.1.1 User unknown");
  expect(await eventsOf(report, { from: "", to })).toMatchObject([
    { type: "receipt", deliveryId: "d3", error: { class: "invalid_recipient", code: "5.1.1" } },
  ]);
  const late = rawMail("From: postmaster@mx.test", "", "4.4.1 Still trying");
  expect(await eventsOf(late, { from: "", to })).toMatchObject([{ type: "ignored" }]);
  // Out-of-office notes come to the address of the envelope, too.
  const away = rawMail("From: ann@example.org", "Auto-Submitted: auto-replied", "", "Away");
  expect(await eventsOf(away, { from: "", to })).toMatchObject([
    { type: "message", meta: { autoReply: true } },
  ]);
});

/** Symptom: whoever saw the id of a mail, which is in every answer to it, could have its address taken for one that is not there. */
test("a report is believed that comes to the address for it, and no other who knows the mail's id", async () => {
  for (const to of [
    "help@shop.test",
    "bounce@shop.test",
    "bounce+d1@shop.test",
    TO_D2.replace("d2", "d1"),
  ]) {
    for (const action of ["failed", "delivered"]) {
      expect(await reported({ to, action })).toMatchObject({ type: "ignored" });
    }
  }
  // It is signed for one delivery, whatever mail is brought back with it.
  expect(await reported({ to: TO_D2 })).toMatchObject({ type: "receipt", deliveryId: "d2" });
  const forged = rawMail("From: postmaster@mx.test", "", "550 5.1.1 User unknown");
  expect(await eventsOf(forged, { from: "", to: ["bounce+d3@shop.test"] })).toMatchObject([
    { type: "message" },
  ]);
});

test("a report of a mail whose address for reports did not fit is known by the mail that it brings back", async () => {
  const long = "d".repeat(60);
  const names = { deliveryId: long, channel: "production.email.c1", subject: "Tea" };
  const returned = [`Message-ID: ${messageIdOf(contextOf(), names)}`];
  expect(await reported({ returned, to: "help@shop.test" })).toMatchObject({
    ...{ type: "receipt", deliveryId: long, status: "failed" },
  });
});

test("without a key or an address for reports, the mail that a report brings back tells", async () => {
  const to = "help@shop.test";
  for (const context of [contextOf({}, {}), contextOf({ bounceAddress: undefined })]) {
    expect(await reported({ to, context })).toMatchObject({ type: "receipt", deliveryId: "d1" });
  }
  expect(
    await reported({ returned: [], to: "bounce+d4@shop.test", context: contextOf({}, {}) }),
  ).toMatchObject({ type: "receipt", deliveryId: "d4" });
});

test("a mail that was deleted unread was not read", async () => {
  const receipt = (disposition: string, to = TO_D1) =>
    eventsOf(
      rawMail(
        "From: ann@example.org",
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
        "",
        "--b",
        "",
        "Read",
        "--b",
        "Content-Type: message/disposition-notification",
        "",
        `Original-Message-ID: ${OURS}`,
        `Disposition: manual-action/MDN-sent-manually; ${disposition}`,
        "",
        "--b--",
      ),
      { to: [to] },
    );
  expect(await receipt("displayed")).toMatchObject([
    { type: "receipt", status: "read", deliveryId: "d1", externalId: OURS },
  ]);
  expect(await receipt("deleted")).toMatchObject([{ type: "ignored" }]);
  expect(await receipt("displayed", "help@shop.test")).toMatchObject([{ type: "ignored" }]);
});
