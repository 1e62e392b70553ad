import {
  AnywireError,
  type ChannelTypeRegistry,
  coversPattern,
  isChannelPattern,
  isQuietType,
  isWildcard,
  notificationChannel,
  parseChannelName,
  patternTokens,
  type Role,
} from "@anywire/types";
import type { StateStore } from "../ports/state-store.ts";
import type { MembershipDocument } from "../state/documents.ts";
import { lookOnce, type SecondLook } from "../state/second-look.ts";
import { membershipKey } from "../state/state-key.ts";
import {
  type Action,
  isCovered,
  isGranted,
  type Principal,
  type TokenAction,
} from "./principal.ts";

/** What a permission covers. */
export interface Grant {
  /** What was said up to here is from before the account's time: it is not to be given out. */
  readonly visibleAfter: number;
  /** The account's role in the channel; null when its token's patterns decided. */
  readonly role: Role | null;
}

/** Decides who may do what, in one place, for every edge. */
export interface Access {
  /**
   * Lets an action on a channel pass, or throws: because a pattern of the token covers it, or because the account takes part
   * in the channel and has the role for it. Answers at once where it needs not ask the state.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`, `unavailable` when it can't be told now; some at once, some by
   * rejecting.
   */
  assertMay(principal: Principal, action: Action, channel: string): Grant | Promise<Grant>;
  /**
   * The same for a subscription to a pattern: every channel that it can match must be allowed, by the token.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`, `unavailable` when it can't be told now.
   */
  assertMaySubscribe(principal: Principal, pattern: string): Grant | Promise<Grant>;
  /**
   * The same for a subscription that is there: by what is known here now, so that a removal that was heard ends it at once.
   * @throws {AnywireError} `permission_denied`, `unavailable` when it can't be told now.
   */
  assertMayStay(principal: Principal, pattern: string): Grant | Promise<Grant>;
}

/** What access needs to know. */
export interface AccessOptions {
  readonly channelTypes: ChannelTypeRegistry;
  readonly state: Pick<StateStore, "get">;
  /** An account's side of a channel, if that is at hand: null when it takes no part, undefined when it is not known. */
  readonly membershipOf: (
    notificationChannel: string,
    channel: string,
  ) => MembershipDocument | null | undefined;
  /** Comes before a refusal. Default: none, for what is known here never trails. */
  readonly secondLook?: SecondLook;
}

/** Decides for an account that its token has no pattern for. */
type ByRole = (principal: Principal, action: Action, channel: string) => Grant | Promise<Grant>;

const BY_TOKEN: Grant = { visibleAfter: 0, role: null };

/** What a role is enough for. */
const ALLOWED: Readonly<Record<Role, readonly Action[]>> = {
  owner: ["subscribe", "publish", "invite", "manage"],
  member: ["subscribe", "publish", "invite"],
  guest: ["subscribe", "publish"],
};

/** Access by the patterns in tokens and by roles in channels. The account's own notification channel is always its own to hear. */
export function createAccess(options: AccessOptions): Access {
  const { channelTypes, secondLook = lookOnce } = options;
  const now: ByRole = (principal, action, channel) =>
    grantByRole(options, principal, action, channel);
  const later: ByRole = (principal, action, channel) =>
    secondLook(channel, () => now(principal, action, channel));
  // Each message comes by here: where one look is enough, it costs nothing more.
  const surely = secondLook === lookOnce ? now : later;
  const { assertMaySubscribe: assertMayStay } = createRules(channelTypes, now);
  return { ...createRules(channelTypes, surely), assertMayStay };
}

function createRules(
  channelTypes: ChannelTypeRegistry,
  byRole: ByRole,
): Pick<Access, "assertMay" | "assertMaySubscribe"> {
  const assertMay = (
    principal: Principal,
    action: Action,
    channel: string,
  ): Grant | Promise<Grant> => {
    const { platform, type } = parseChannelName(channel);
    assertDeclared(channelTypes, type, channel);
    assertPlatform(principal, platform, channel);
    const isEverybodys = type === "presence" && action === "subscribe";
    if (isEverybodys || isOwnToHear(principal, action, channel)) return BY_TOKEN;
    assertNotOnlyServers(type, action, channel);
    if (isQuietType(type)) assertNamesType(principal, action, channel);
    if (isGranted(principal, tokenAction(action), channel)) return BY_TOKEN;
    return byRole(principal, action, channel);
  };

  const assertMaySubscribe = (principal: Principal, pattern: string): Grant | Promise<Grant> => {
    if (!isChannelPattern(pattern)) parseChannelName(pattern);
    if (!isWildcard(pattern)) return assertMay(principal, "subscribe", pattern);
    const [platform, type] = patternTokens(pattern);
    if (type !== "*") assertDeclared(channelTypes, type, pattern);
    assertPlatform(principal, platform, pattern);
    if (isQuietType(type)) assertNamesType(principal, "subscribe", pattern);
    if (type === "presence") {
      throw denied("presence is told account by account; subscribe to platform.presence.<account>");
    }
    if (!isCovered(principal, "subscribe", pattern)) {
      throw denied(`${notGranted(principal, "subscribe")} covers ${pattern}`);
    }
    return BY_TOKEN;
  };

  return { assertMay, assertMaySubscribe };
}

function grantByRole(
  { state, membershipOf }: AccessOptions,
  principal: Principal,
  action: Action,
  channel: string,
): Grant | Promise<Grant> {
  const partition = notificationChannel(principal.platform, principal.accountId);
  const atHand = membershipOf(partition, channel);
  if (atHand !== undefined) return grantOf(principal, action, channel, atHand);
  return state
    .get([membershipKey(partition, channel)])
    .then(({ values }) =>
      grantOf(principal, action, channel, (values[0] as MembershipDocument | undefined) ?? null),
    );
}

function grantOf(
  principal: Principal,
  action: Action,
  channel: string,
  membership: MembershipDocument | null,
): Grant {
  const { accountId } = principal;
  if (membership === null || membership.leftOffset !== null) {
    const token = notGranted(principal, tokenAction(action));
    throw denied(`${accountId} takes no part in ${channel}, and ${token} covers it`);
  }
  const { role, visibleAfter } = membership;
  if (ALLOWED[role].includes(action)) return { visibleAfter, role };
  throw denied(`${accountId} is a ${role} of ${channel}, which is not enough to ${action} it`);
}

/** A token has no pattern of its own for inviting. */
function tokenAction(action: Action): TokenAction {
  return action === "invite" ? "manage" : action;
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

function isOwnToHear({ platform, accountId }: Principal, action: Action, channel: string): boolean {
  return action === "subscribe" && channel === notificationChannel(platform, accountId);
}

/** What only the server says, no token allows. */
function assertNotOnlyServers(type: string, action: Action, channel: string): void {
  const isWriting = action === "publish" || action === "invite";
  if (type === "presence" || (isWriting && isQuietType(type))) {
    throw denied(`only the server writes to ${channel}`);
  }
}

/** A wide pattern such as `production.>` is not meant to open what concerns one account alone, or the server. */
function assertNamesType(principal: Principal, action: Action, pattern: string): void {
  const [, type] = patternTokens(pattern);
  const isNamed = principal.patterns[tokenAction(action)].some((granted) => {
    return patternTokens(granted)[1] === type && coversPattern(granted, pattern);
  });
  if (isNamed) return;
  throw denied(`${notGranted(principal, tokenAction(action))} covers ${pattern} and names ${type}`);
}

function notGranted({ accountId }: Principal, action: TokenAction): string {
  return `${accountId}'s token has no ${action} pattern that`;
}

function denied(message: string): AnywireError {
  return new AnywireError("permission_denied", message);
}
