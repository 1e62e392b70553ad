import type { Subscribed, SubscribeOptions } from "@anywire/core";
import { AnywireError, type Position } from "@anywire/types";
import type { WireObject } from "../protocol.ts";
import type { Session, SessionSubscription } from "../session.ts";

/** How a session subscribes. */
export interface OpenOptions
  extends SubscribeOptions,
    Pick<SessionSubscription, "isServerSide" | "hasOwnToken" | "expiresAt"> {}

/**
 * Subscribes a session at the hub. The name is taken at once, so that two commands can't do it twice.
 * The caller replies and then calls `session.begin`.
 * @throws {AnywireError} what the log throws; `unavailable` when the session ended it meanwhile.
 */
export async function openSubscription(
  session: Session,
  name: string,
  options: OpenOptions,
): Promise<Subscribed> {
  const { isServerSide, hasOwnToken, expiresAt } = options;
  const held: SessionSubscription = {
    subscription: null,
    isPresent: false,
    isServerSide,
    hasOwnToken,
    expiresAt,
  };
  session.subscriptions.set(name, held);
  try {
    const subscribe = () => session.edge.hub.subscribe(name, session, options);
    const subscribed = await (options.recoverFrom === undefined
      ? subscribe()
      : session.read(subscribe));
    if (session.subscriptions.get(name) !== held) {
      session.edge.hub.unsubscribe(subscribed.subscription);
      throw new AnywireError("unavailable", `the subscription to ${name} was ended meanwhile`);
    }
    held.subscription = subscribed.subscription;
    session.expireAt(expiresAt);
    return subscribed;
  } catch (error) {
    if (session.subscriptions.get(name) === held) session.subscriptions.delete(name);
    throw error;
  }
}

/** The protocol's answer to a subscription, which began at `recoverFrom` if it could. */
export function subscribeResult(
  { isRecovered, offset, epoch, broadcasts }: Subscribed,
  recoverFrom: Position | undefined,
): WireObject {
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
