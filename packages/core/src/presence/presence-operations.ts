import {
  type AccountPresenceAnswer,
  accountPresenceAnswerSchema,
  presenceRequestSchema,
} from "@anywire/types";
import type { z } from "zod";
import type { MessagingContext } from "../messaging/messaging-context.ts";
import { done, type Operation } from "../messaging/operation.ts";

type Request = z.output<typeof presenceRequestSchema>;

/** What can be asked about who is there. As with `account.get`, anybody on the platform may. */
export function presenceOperations(context: MessagingContext): Operation[] {
  const get: Operation<Request, AccountPresenceAnswer> = {
    name: "presence.get",
    request: presenceRequestSchema,
    answer: accountPresenceAnswerSchema,
    async run({ principal }, { accounts }) {
      return done({ accounts: await context.accountPresences.of(principal.platform, accounts) });
    },
  };
  return [get];
}
