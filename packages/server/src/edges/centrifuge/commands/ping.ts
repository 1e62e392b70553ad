import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";

/** `ping`: an answer, to show that somebody is there. */
export function ping(session: Session, command: Command): void {
  session.reply(command, {});
}
