import { messageSendRpcSchema, type SentMessage } from "@anywire/types";
import { parseParams } from "../commands/parse-params.ts";
import type { Session } from "../session.ts";

/** `message.send`: stores a message; the same id again gives the same answer. */
export async function messageSend(session: Session, params: unknown): Promise<SentMessage> {
  const { channel, id, ...data } = parseParams(messageSendRpcSchema, params);
  const { pipeline, log } = session.edge;
  const { entry } = await pipeline.publish(session.principal, {
    channel,
    kind: "message",
    data,
    client: session.id,
    ...(id === undefined ? {} : { id }),
  });
  const { offset, timetoken, at } = entry;
  return { id: entry.id, channel, offset, epoch: log.epoch, timetoken, at };
}
