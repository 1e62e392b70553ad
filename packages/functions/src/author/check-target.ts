import { AnywireError, parseChannelName } from "@anywire/types";
import { isServerType } from "./check-binding.ts";
import { describeValue } from "./describe-value.ts";

/**
 * Lets a channel pass that a function of a platform may have to do with.
 * @throws {AnywireError} `unknown_channel` for no name, `permission_denied` for another platform's.
 */
export function checkOwnChannel(platform: string, channel: unknown): string {
  if (typeof channel !== "string") {
    throw new AnywireError(
      "unknown_channel",
      `the channel is ${describeValue(channel)}; it must be a name such as ${platform}.group.lobby`,
    );
  }
  const { platform: named } = parseChannelName(channel);
  if (named === platform) return channel;
  throw new AnywireError(
    "permission_denied",
    `${channel} is on the platform ${named}, and this function runs on ${platform}; nothing crosses platforms`,
  );
}

/**
 * Lets a channel pass that a function of a platform may say something on.
 * @throws {AnywireError} `unknown_channel`, `permission_denied`
 */
export function checkTarget(platform: string, channel: unknown): string {
  const own = checkOwnChannel(platform, channel);
  const { type } = parseChannelName(own);
  if (!isServerType(type)) return own;
  throw new AnywireError("permission_denied", `only the server writes to ${own}`);
}
