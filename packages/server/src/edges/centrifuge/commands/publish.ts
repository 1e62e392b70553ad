import { kindOf } from "@anywire/core";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { parseParams } from "./parse-params.ts";

const paramsSchema = z.object({ channel: z.string(), data: z.unknown().optional() });

/** `publish`: stores any JSON on a channel; answers when it is durable. */
export async function publish(session: Session, command: Command): Promise<void> {
  const { channel, data } = parseParams(paramsSchema, command.params);
  const { principal, id: client } = session;
  await session.edge.pipeline.publish(principal, { channel, kind: kindOf(data), data, client });
  session.reply(command, {});
}
