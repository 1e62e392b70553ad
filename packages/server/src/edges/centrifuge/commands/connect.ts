import { type Principal, principalOf } from "@anywire/core";
import { AnywireError, type ConnectData, notificationChannel } from "@anywire/types";
import { z } from "zod";
import { type Command, JsonText } from "../protocol.ts";
import type { Session } from "../session.ts";
import { expiryFields, openSubscription, subscribeResult } from "./open-subscription.ts";
import { parseParams } from "./parse-params.ts";

const positionSchema = z.object({
  recover: z.boolean().default(false),
  offset: z.int().min(0).default(0),
  epoch: z.string().default(""),
});

const paramsSchema = z.object({
  token: z.string().default(""),
  subs: z.record(z.string(), positionSchema).default({}),
});

type ConnectParams = z.output<typeof paramsSchema>;

/** `connect`: who are you; the answer subscribes the account to its notification channel. */
export async function connect(session: Session, command: Command): Promise<void> {
  if (session.isConnected) throw new AnywireError("bad_request", "already connected");
  const params = parseParams(paramsSchema, command.params);
  const principal = await verify(session, params.token);
  if (principal === null) {
    session.disconnect("invalid_token");
    return;
  }
  // Nobody would ever say that it has gone.
  if (session.isClosed) return;
  const { edge } = session;
  // First: without it a connection is of no use, and does not come to be.
  const notification = await subscribeToNotifications(session, principal, params);
  session.identify(principal);
  await edge.arrive(session);
  if (session.isClosed) return;
  session.reply(command, {
    client: session.id,
    version: edge.version,
    ...expiryFields(principal.expiresAt),
    data: new JsonText(JSON.stringify(dataOf(session))),
    subs: notification.subs,
    ping: Math.ceil(edge.socket.pingIntervalMs / 1000),
    pong: true,
    session: session.emulationKey,
    node: edge.node,
    time: Date.now(),
  });
  session.begin(notification.subscription);
}

/** Null when the token is no good. An expired one is an error: the client gets another and comes back. */
async function verify(session: Session, token: string): Promise<Principal | null> {
  try {
    return principalOf(await session.edge.verifier.verify(token));
  } catch (error) {
    if (error instanceof AnywireError && error.code === "unauthenticated") {
      session.edge.logger.debug({ session: session.id, why: error.message }, "token refused");
      return null;
    }
    throw error;
  }
}

async function subscribeToNotifications(
  session: Session,
  { platform, accountId }: Principal,
  { subs }: ConnectParams,
) {
  const name = notificationChannel(platform, accountId);
  const position = subs[name];
  const recoverFrom = position?.recover === true ? position : undefined;
  const opened = await openSubscription(
    session,
    name,
    { isServerSide: true, hasOwnToken: false, isRecovering: recoverFrom !== undefined },
    () => ({
      expiresAt: Number.POSITIVE_INFINITY,
      ...(recoverFrom === undefined ? {} : { recoverFrom }),
    }),
  );
  return { subscription: opened.subscription, subs: { [name]: subscribeResult(opened) } };
}

function dataOf({ principal, edge }: Session): ConnectData {
  const { maxFrameBytes, maxSubscriptions, maxCommandsPerSecond } = edge.socket;
  const { maxMessageBytes } = edge.limits;
  return {
    account: principal.accountId,
    platform: principal.platform,
    limits: { maxMessageBytes, maxFrameBytes, maxSubscriptions, maxCommandsPerSecond },
  };
}
