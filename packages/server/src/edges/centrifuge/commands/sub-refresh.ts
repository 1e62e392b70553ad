import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { expiryFields } from "./open-subscription.ts";
import { parseParams } from "./parse-params.ts";
import { assertSubscriptionToken } from "./subscribe.ts";

const paramsSchema = z.object({ channel: z.string(), token: z.string() });

/** `sub_refresh`: a new token for a subscription that has one. */
export async function subRefresh(session: Session, command: Command): Promise<void> {
  const { channel, token } = parseParams(paramsSchema, command.params);
  const held = session.subscriptions.get(channel);
  if (held === undefined) {
    throw new AnywireError("not_found", `not subscribed to ${channel}; subscribe first`);
  }
  const granted = await session.edge.verifier.verifySubscription(token);
  held.expiresAt = assertSubscriptionToken(session, channel, granted);
  session.expireAt(held.expiresAt);
  session.reply(command, expiryFields(held.expiresAt));
}
