import { createOperations, type MessagingOptions } from "@anywire/core";
import type { RpcMethod } from "@anywire/types";
import { expect, test } from "vitest";
import { ON_CONNECTION } from "./rpc.ts";

/** Where there are networks, their host brings them. */
type OfNetworks = Extract<
  RpcMethod,
  "channel.abilities" | `${"connection" | "connector" | "delivery"}.${string}`
>;

/** The compiler keeps this list and the methods that clients are typed with the same. */
const TYPED: Readonly<Record<Exclude<RpcMethod, OfNetworks>, true>> = {
  "account.get": true,
  "account.list": true,
  "account.save": true,
  "channel.add": true,
  "channel.delivered": true,
  "channel.get": true,
  "channel.hide": true,
  "channel.leave": true,
  "channel.list": true,
  "channel.mute": true,
  "channel.open": true,
  "channel.participants": true,
  "channel.read": true,
  "channel.remove": true,
  "channel.role": true,
  "channel.unhide": true,
  "channel.unmute": true,
  "channel.unread": true,
  "channel.update": true,
  "contact.add_address": true,
  "contact.consent": true,
  "contact.create": true,
  "contact.get": true,
  "contact.history": true,
  "contact.list": true,
  "contact.merge": true,
  "contact.remove_address": true,
  "contact.rotate_address": true,
  "contact.unmerge": true,
  "contact.update": true,
  "contact.verify_address": true,
  "device.add": true,
  "device.remove": true,
  "me.devices": true,
  "me.snapshot": true,
  "me.update": true,
  "message.delete": true,
  "message.edit": true,
  "message.get": true,
  "message.list": true,
  "message.send": true,
  "message.versions": true,
  "pin.add": true,
  "pin.remove": true,
  "presence.get": true,
  "presence.set": true,
  "reaction.add": true,
  "reaction.remove": true,
  "signal.send": true,
  "token.refresh": true,
};

test("clients are typed with every method there is, and with no other", () => {
  // They are named before any of them runs.
  const operations = createOperations({ state: {} } as MessagingOptions);
  expect([...ON_CONNECTION.keys(), ...operations.keys()].sort()).toEqual(Object.keys(TYPED).sort());
});
