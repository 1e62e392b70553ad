import { parseChannelName } from "@anywire/types";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { assertMayRead } from "../session-access.ts";
import { parseParams } from "./parse-params.ts";

/** A reply stays small; the exact count is in the stats. */
const MAX_MEMBERS = 1000;

const paramsSchema = z.object({ channel: z.string() });

/** `presence`: who is on a channel, 1,000 at most. */
export async function presence(session: Session, command: Command): Promise<void> {
  const channel = await readableChannel(session, command);
  await session.read(async () => {
    const members = await session.edge.presence.members(channel, MAX_MEMBERS);
    const infos = members.map(({ client, user }) => [client, { user, client }] as const);
    session.reply(command, { presence: Object.fromEntries(infos) });
  });
}

/** `presence_stats`: how many are on a channel. */
export async function presenceStats(session: Session, command: Command): Promise<void> {
  const channel = await readableChannel(session, command);
  const { numClients, numUsers } = await session.edge.presence.stats(channel);
  session.reply(command, { num_clients: numClients, num_users: numUsers });
}

async function readableChannel(session: Session, command: Command): Promise<string> {
  const { channel } = parseParams(paramsSchema, command.params);
  parseChannelName(channel);
  await assertMayRead(session, channel);
  return channel;
}
