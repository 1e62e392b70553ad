import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { parseParams } from "./parse-params.ts";

const paramsSchema = z.object({ channel: z.string() });

/** `unsubscribe`: ends a subscription; also when there is none. */
export function unsubscribe(session: Session, command: Command): void {
  session.dropSubscription(parseParams(paramsSchema, command.params).channel);
  session.reply(command, {});
}
