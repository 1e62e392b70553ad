import { type ChannelTypeRegistry, createChannelTypeRegistry } from "@anywire/types";
import { type Access, createAccess } from "./access.ts";

/** Access by tokens alone: nobody takes part in anything. */
export function createTokenAccess(
  channelTypes: ChannelTypeRegistry = createChannelTypeRegistry(),
): Access {
  const state = { get: () => Promise.reject(new Error("the state is not asked")) };
  return createAccess({ channelTypes, state, membershipOf: () => null });
}
