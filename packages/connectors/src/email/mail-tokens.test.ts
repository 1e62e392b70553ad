import { expect, test } from "vitest";
import { contextOf } from "./email-setup.fixture.ts";
import {
  bounceAddressOf,
  messageIdOf,
  readBounceAddress,
  readMessageId,
  readReplyAddress,
  replyAddressOf,
  subjectTag,
} from "./mail-tokens.ts";

const UUID = "019a1f52-7c1e-7d3a-9f00-2b6a4b1c9d10";
const CHANNEL = `production.email.${UUID}`;

test("an id of ours tells the delivery, the channel and the subject; another's tells nothing", () => {
  const context = contextOf();
  const id = messageIdOf(context, { deliveryId: "d1", channel: CHANNEL, subject: "Re: Tea" });
  expect(id).toBe(`<d1.${UUID}.${subjectTag("tea")}@shop.test>`);
  expect(readMessageId(context, id)).toEqual({
    deliveryId: "d1",
    channelId: UUID,
    subjectTag: subjectTag("Tea"),
  });
  expect(readMessageId(context, id.replace("shop.test", "other.test"))).toBeUndefined();
  expect(readMessageId(context, "<whatever@shop.test>")).toBeUndefined();
});

test("the address for answers names a channel of a usual name within what mail servers take", () => {
  const context = contextOf();
  const address = replyAddressOf(context, { channel: CHANNEL, subject: "Tea" });
  expect(address?.split("@")[0]?.length).toBeLessThanOrEqual(64);
  expect(readReplyAddress(context, address ?? "")).toEqual({
    channel: CHANNEL,
    subjectTag: subjectTag("Tea"),
  });
  // Some servers write all addresses small.
  expect(readReplyAddress(context, address?.toUpperCase().toLowerCase() ?? "")).toBeDefined();
});

test("a channel of a long name has no address for answers, rather than one that is cut off", () => {
  const channel = `production.email.${"x".repeat(64)}`;
  expect(replyAddressOf(contextOf(), { channel, subject: "" })).toBeUndefined();
});

test("nobody can make an address up that names a channel", () => {
  const context = contextOf();
  const address = replyAddressOf(context, { channel: CHANNEL, subject: "Tea" }) ?? "";
  const other = address.replace(UUID, UUID.replace("019a", "019b"));
  expect(readReplyAddress(context, other)).toBeUndefined();
  expect(readReplyAddress({ ...context, platform: "staging" }, address)).toBeUndefined();
  for (const replyKey of [[], [""], ["another key"]]) {
    expect(readReplyAddress({ ...context, secrets: { replyKey } }, address)).toBeUndefined();
  }
});

test("an address that was made with the key before the last one holds on", () => {
  const before = contextOf({}, { replyKey: "old" });
  const address = replyAddressOf(before, { channel: CHANNEL, subject: "Tea" }) ?? "";
  const after = contextOf({}, { replyKey: ["new", "old"] });
  expect(readReplyAddress(after, address)?.channel).toBe(CHANNEL);
  expect(replyAddressOf(after, { channel: CHANNEL, subject: "Tea" })).not.toBe(address);
});

test("the address for reports names the delivery, and nobody can make one up", () => {
  const context = contextOf();
  const address = bounceAddressOf(context, UUID) ?? "";
  expect(address.split("@")[0]?.length).toBeLessThanOrEqual(64);
  expect(readBounceAddress(context, address)).toBe(UUID);
  for (const other of [
    address.replace("bounce+0", "bounce+1"),
    address.replace("shop.test", "other.test"),
    `bounce+${UUID}@shop.test`,
    "bounce@shop.test",
  ]) {
    expect(readBounceAddress(context, other)).toBeUndefined();
  }
  const rotated = contextOf({}, { replyKey: ["new", "a key for tests"] });
  expect(readBounceAddress(rotated, address)).toBe(UUID);
  expect(readBounceAddress(contextOf({}, { replyKey: "new" }), address)).toBeUndefined();
});

/**
 * Symptom: behind a mailbox of more than 16 characters the signed address was too long, so that reports went to the sender's address,
 * and none of them was believed there.
 */
test("the signed address for reports fits behind every mailbox that the settings take", () => {
  const mailbox = `${"b".repeat(26)}@shop.test`;
  const context = contextOf({ bounceAddress: mailbox });
  for (const id of [UUID, "00000000-0000-0000-0000-000000000000", UUID.replaceAll(/\w/g, "f")]) {
    const address = bounceAddressOf(context, id) ?? "";
    expect(address.split("@")[0]?.length).toBeLessThanOrEqual(64);
    expect(readBounceAddress(context, address)).toBe(id);
    // Some servers change the case.
    expect(readBounceAddress(context, address.toUpperCase())).toBe(id);
  }
  expect(() => contextOf({ bounceAddress: `b${mailbox}` })).toThrow(
    "must have at most 26 characters before the @",
  );
});

test("without a key the address for reports names the delivery as it is", () => {
  const context = contextOf({}, {});
  expect(bounceAddressOf(context, "d1")).toBe("bounce+d1@shop.test");
  expect(readBounceAddress(context, "Bounce+D1@Shop.test")).toBe("D1");
  expect(readBounceAddress(context, "bounce+d1@other.test")).toBeUndefined();
});
