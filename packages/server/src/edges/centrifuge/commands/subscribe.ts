import { AnywireError, isWildcard, parseChannelName } from "@anywire/types";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import {
  type Allowed,
  endedMeanwhile,
  expiryFields,
  openSubscription,
  subscribeResult,
} from "./open-subscription.ts";
import { parseParams } from "./parse-params.ts";

/** Bit of `flag`: rather an error than a subscription that missed something. */
const REJECT_UNRECOVERED = 2;

const paramsSchema = z.object({
  channel: z.string(),
  token: z.string().default(""),
  recover: z.boolean().default(false),
  offset: z.int().min(0).default(0),
  epoch: z.string().default(""),
  join_leave: z.boolean().default(false),
  tf: z.unknown().optional(),
  flag: z.int().default(0),
});

type SubscribeParams = z.output<typeof paramsSchema>;

/** `subscribe`: to a channel or a pattern, recovering from a position when asked to. */
export async function subscribe(session: Session, command: Command): Promise<void> {
  const params = parseParams(paramsSchema, command.params);
  const { channel, recover, flag } = params;
  if (params.tf !== undefined) {
    throw new AnywireError("unsupported", "tag filters are not supported; subscribe without tf");
  }
  assertRoom(session, channel);
  const kind = { isServerSide: false, hasOwnToken: params.token !== "", isRecovering: recover };
  const opened = await openSubscription(session, channel, kind, () => authorise(session, params));
  if (recover && !opened.isRecovered && (flag & REJECT_UNRECOVERED) !== 0) {
    session.dropSubscription(channel);
    throw new AnywireError("unrecoverable_position", "what was missed can't be recovered");
  }
  // Before the answer: whoever is told that it is subscribed is there, and hears what is said from then on.
  if (hasMembers(channel)) await join(session, channel);
  if (session.subscriptions.get(channel)?.subscription !== opened.subscription) {
    throw endedMeanwhile(channel);
  }
  session.reply(command, { ...subscribeResult(opened), ...expiryFields(opened.expiresAt) });
  session.begin(opened.subscription);
}

/** What a subscription is allowed: until when, by its own token if it has one, and from where on. */
async function authorise(session: Session, params: SubscribeParams): Promise<Allowed> {
  const { channel, token, recover, offset, epoch, join_leave: wantsJoins } = params;
  const { principal, edge } = session;
  if (token !== "") {
    const granted = await edge.verifier.verifySubscription(token);
    const expiresAt = assertSubscriptionToken(session, channel, granted);
    return { expiresAt, wantsJoins, ...(recover && { recoverFrom: { offset, epoch } }) };
  }
  const { visibleAfter } = await edge.access.assertMaySubscribe(principal, channel);
  // What was said before an account's time is not for it to recover.
  const recoverFrom = { offset: Math.max(offset, visibleAfter), epoch };
  return {
    expiresAt: Number.POSITIVE_INFINITY,
    wantsJoins,
    ...(recover && { recoverFrom }),
  };
}

/**
 * Checks that a good subscription token is this session's and the channel's.
 * @throws {AnywireError} `permission_denied`.
 */
export function assertSubscriptionToken(
  { principal }: Session,
  channel: string,
  granted: {
    readonly sub: string;
    readonly platform: string;
    readonly channel: string;
    readonly exp?: number | undefined;
  },
): number {
  const isOurs =
    granted.sub === principal.accountId &&
    granted.platform === principal.platform &&
    granted.channel === channel;
  if (!isOurs) {
    throw new AnywireError("permission_denied", `the subscription token is not for ${channel}`);
  }
  return granted.exp === undefined ? Number.POSITIVE_INFINITY : granted.exp * 1000;
}

function assertRoom({ subscriptions, edge }: Session, channel: string): void {
  if (subscriptions.has(channel)) {
    throw new AnywireError("already_subscribed", `already subscribed to ${channel}`);
  }
  const { maxSubscriptions } = edge.socket;
  if (subscriptions.size >= maxSubscriptions) {
    throw new AnywireError(
      "limit_exceeded",
      `a connection has at most ${maxSubscriptions} subscriptions; subscribe to a pattern instead`,
      { details: { maxSubscriptions } },
    );
  }
}

/** Who watches whom is nobody's business. */
function hasMembers(channel: string): boolean {
  return !isWildcard(channel) && parseChannelName(channel).type !== "presence";
}

async function join(session: Session, channel: string): Promise<void> {
  const held = session.subscriptions.get(channel);
  if (held === undefined) return;
  held.isPresent = true;
  await session.edge.join(channel, session);
}
