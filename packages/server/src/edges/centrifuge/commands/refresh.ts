import { type Principal, principalOf } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { reviewAccess } from "../session-access.ts";
import { expiryFields } from "./open-subscription.ts";
import { parseParams } from "./parse-params.ts";

const paramsSchema = z.object({ token: z.string() });

/** `refresh`: a new token for an open connection. What it no longer allows ends at once. */
export async function refresh(session: Session, command: Command): Promise<void> {
  const { token } = parseParams(paramsSchema, command.params);
  const fresh = await takeToken(session, token);
  if (fresh === null) {
    session.disconnect("invalid_token");
    return;
  }
  session.reply(command, {
    client: session.id,
    version: session.edge.version,
    ...expiryFields(fresh.expiresAt),
  });
}

/** Goes on with another token; null, and nothing changes, when it is no good for this connection. */
export async function takeToken(session: Session, token: string): Promise<Principal | null> {
  const fresh = await verify(session, token);
  if (fresh === null) return null;
  session.identify(fresh);
  await Promise.all([...session.subscriptions.keys()].map((name) => reviewAccess(session, name)));
  return fresh;
}

/** Null when the token is not for this connection. An expired one is an error: the client gets another. */
async function verify(session: Session, token: string): Promise<Principal | null> {
  const { accountId, platform } = session.principal;
  try {
    const fresh = principalOf(await session.edge.verifier.verify(token));
    return fresh.accountId === accountId && fresh.platform === platform ? fresh : null;
  } catch (error) {
    if (error instanceof AnywireError && error.code === "unauthenticated") return null;
    throw error;
  }
}
