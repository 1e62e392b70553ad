import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { parseParams } from "./parse-params.ts";

const paramsSchema = z.object({ channel: z.string() });

/** `unsubscribe`: ends a subscription; also when there is none. */
export function unsubscribe(session: Session, command: Command): void {
  const { channel } = parseParams(paramsSchema, command.params);
  // By it the server knows what the account may hear of other channels, too.
  if (session.subscriptions.get(channel)?.isServerSide === true) {
    throw new AnywireError("permission_denied", `only the server subscribes to ${channel}`);
  }
  session.dropSubscription(channel);
  session.reply(command, {});
}
