import {
  AnywireError,
  type ChannelTypeRegistry,
  coversPattern,
  isChannelPattern,
  isWildcard,
  notificationChannel,
  parseChannelName,
  patternTokens,
} from "@anywire/types";
import { type Action, isCovered, isGranted, type Principal } from "./principal.ts";

/** Decides who may do what, in one place, for every edge. */
export interface Access {
  /**
   * Lets an action on a channel pass, or throws.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`.
   */
  assertMay(principal: Principal, action: Action, channel: string): void;
  /**
   * The same for a subscription to a pattern: every channel that it can match must be allowed.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`.
   */
  assertMaySubscribe(principal: Principal, pattern: string): void;
}

/** Access by the patterns in tokens. The account's own notification channel is always its own to hear. */
export function createAccess(channelTypes: ChannelTypeRegistry): Access {
  const assertMay = (principal: Principal, action: Action, channel: string): void => {
    const { platform, type } = parseChannelName(channel);
    assertDeclared(channelTypes, type, channel);
    assertPlatform(principal, platform, channel);
    if (type === "notification") {
      if (action === "subscribe" && isOwnNotification(principal, channel)) return;
      if (action === "publish") throw denied(`only the server writes to ${channel}`);
      assertNamesNotifications(principal, action, channel);
    }
    if (!isGranted(principal, action, channel))
      throw denied(notGranted(principal, action, channel));
  };

  const assertMaySubscribe = (principal: Principal, pattern: string): void => {
    if (!isChannelPattern(pattern)) parseChannelName(pattern);
    if (!isWildcard(pattern)) {
      assertMay(principal, "subscribe", pattern);
      return;
    }
    const [platform, type] = patternTokens(pattern);
    if (type !== "*") assertDeclared(channelTypes, type, pattern);
    assertPlatform(principal, platform, pattern);
    if (type === "notification") assertNamesNotifications(principal, "subscribe", pattern);
    if (!isCovered(principal, "subscribe", pattern)) {
      throw denied(notGranted(principal, "subscribe", pattern));
    }
  };

  return { assertMay, assertMaySubscribe };
}

function assertDeclared(channelTypes: ChannelTypeRegistry, type: string, channel: string): void {
  if (channelTypes.get(type) !== undefined) return;
  const known = channelTypes.list().map(({ name }) => name);
  throw new AnywireError(
    "unknown_channel",
    `${channel}: there is no channel type ${type}; the declared ones are ${known.join(", ")}`,
  );
}

function assertPlatform(principal: Principal, platform: string, channel: string): void {
  if (platform === principal.platform) return;
  throw denied(`${channel} must begin with ${principal.platform}, the token's platform`);
}

function isOwnNotification({ platform, accountId }: Principal, channel: string): boolean {
  return channel === notificationChannel(platform, accountId);
}

/** A wide pattern such as `production.>` is not meant to open what concerns one account alone. */
function assertNamesNotifications(principal: Principal, action: Action, pattern: string): void {
  const isNamed = principal.patterns[action].some((granted) => {
    return patternTokens(granted)[1] === "notification" && coversPattern(granted, pattern);
  });
  if (!isNamed) throw denied(`${notGranted(principal, action, pattern)} and names notification`);
}

function notGranted({ accountId }: Principal, action: Action, channel: string): string {
  return `${accountId}'s token has no ${action} pattern that covers ${channel}`;
}

function denied(message: string): AnywireError {
  return new AnywireError("permission_denied", message);
}
