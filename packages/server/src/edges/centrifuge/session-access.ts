import { ERRORS, toAnywireError } from "@anywire/types";
import type { Session } from "./session.ts";

/**
 * Lets history and presence of a channel or pattern be read: what one may subscribe to. Resolves with the offset after which
 * entries are for it to see.
 * @throws {AnywireError} `unknown_channel`, `permission_denied`.
 */
export async function assertMayRead(session: Session, name: string): Promise<number> {
  const held = session.subscriptions.get(name);
  // What a subscription token opened, the connection's own token need not.
  if (held?.subscription != null && held.hasOwnToken) return 0;
  return (await session.edge.access.assertMaySubscribe(session.principal, name)).visibleAfter;
}

/** Ends a subscription that is not allowed any more; where that can't be told now, the client has to ask again. */
export async function reviewAccess(session: Session, name: string): Promise<void> {
  const held = session.subscriptions.get(name);
  if (held === undefined || held.hasOwnToken) return;
  try {
    await session.edge.access.assertMayStay(session.principal, name);
  } catch (error) {
    if (session.subscriptions.get(name) !== held) return;
    const isFinal = !ERRORS[toAnywireError(error).code].retry;
    session.endSubscription(name, isFinal ? "server" : "insufficient_state");
  }
}
