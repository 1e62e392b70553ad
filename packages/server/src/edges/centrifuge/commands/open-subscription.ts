import type { Subscribed, SubscribeOptions } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { WireObject } from "../protocol.ts";
import type { Session, SessionSubscription } from "../session.ts";

/** Whose a subscription is, and whether it goes on from a position. */
export interface OpenOptions extends Pick<SessionSubscription, "isServerSide" | "hasOwnToken"> {
  readonly isRecovering: boolean;
}

/** How a session may subscribe. */
export interface Allowed extends SubscribeOptions {
  /** When its own token runs out, milliseconds since the Unix epoch; `Infinity` without one. */
  readonly expiresAt: number;
}

/** A subscription of a session, and what it was allowed. */
export type Opened = Subscribed & Allowed;

/**
 * Subscribes a session at the hub. The name is taken at once, before `allow` is asked: so two commands can't do it twice, and
 * whoever unsubscribes or goes meanwhile ends it. The caller replies and then calls `session.begin`.
 * @throws {AnywireError} what `allow` and the log throw; `unavailable` when the session ended it meanwhile.
 */
export async function openSubscription(
  session: Session,
  name: string,
  { isRecovering, ...options }: OpenOptions,
  allow: () => Allowed | Promise<Allowed>,
): Promise<Opened> {
  const expiresAt = Number.POSITIVE_INFINITY;
  const held: SessionSubscription = { ...options, expiresAt, subscription: null, isPresent: false };
  session.subscriptions.set(name, held);
  // Asked when it is its turn to read: what was allowed before it waited may not be any more.
  const open = async (): Promise<Opened> => {
    const allowed = await allow();
    assertHeld(session, name, held);
    return { ...(await session.edge.hub.subscribe(name, session, allowed)), ...allowed };
  };
  try {
    // Also before its turn: a refusal may wait for the state, and others wait for theirs.
    if (isRecovering && !options.hasOwnToken) await allow();
    const opened = await (isRecovering ? session.read(open) : open());
    if (session.subscriptions.get(name) !== held) {
      session.edge.hub.unsubscribe(opened.subscription);
    }
    assertHeld(session, name, held);
    held.subscription = opened.subscription;
    held.expiresAt = opened.expiresAt;
    session.expireAt(opened.expiresAt);
    return opened;
  } catch (error) {
    if (session.subscriptions.get(name) === held) session.subscriptions.delete(name);
    throw error;
  }
}

function assertHeld({ subscriptions }: Session, name: string, held: SessionSubscription): void {
  if (subscriptions.get(name) === held) return;
  throw endedMeanwhile(name);
}

/** The error of a subscription that its session gave up before it was answered. */
export function endedMeanwhile(name: string): AnywireError {
  return new AnywireError("unavailable", `the subscription to ${name} was ended meanwhile`);
}

/** The protocol's answer to a subscription, which began at `recoverFrom` if it could. */
export function subscribeResult(opened: Opened): WireObject {
  const { isRecovered, offset, epoch, broadcasts, recoverFrom } = opened;
  return {
    recoverable: true,
    positioned: true,
    epoch,
    // After a recovery: the position recovered from; each publication moves the client on.
    offset: isRecovered ? recoverFrom?.offset : offset,
    recovered: isRecovered,
    was_recovering: recoverFrom !== undefined,
    publications: broadcasts.length === 0 ? undefined : broadcasts,
  };
}

/** When something runs out, as the protocol tells it. */
export function expiryFields(expiresAt: number): WireObject {
  if (expiresAt === Number.POSITIVE_INFINITY) return {};
  const ttl = Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000));
  return { expires: true, ttl };
}
