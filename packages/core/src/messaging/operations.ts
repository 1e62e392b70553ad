import { contactOperations } from "../contacts/contact-operations.ts";
import { presenceOperations } from "../presence/presence-operations.ts";
import { accountOperations } from "./account-operations.ts";
import { channelOperations } from "./channel-operations.ts";
import { markOperations } from "./mark-operations.ts";
import { messageOperations } from "./message-operations.ts";
import { MessagingContext, type MessagingOptions } from "./messaging-context.ts";
import type { Operation } from "./operation.ts";

/** All operations of the messaging model by their names. */
export type Operations = ReadonlyMap<string, Operation>;

/** Puts the operations together: one handler each, for HTTP and for RPC. */
export function createOperations(options: MessagingOptions): Operations {
  const context = new MessagingContext(options);
  const all = [
    ...channelOperations(context),
    ...markOperations(context),
    ...messageOperations(context),
    ...accountOperations(context),
    ...presenceOperations(context),
    ...contactOperations(context),
  ];
  return new Map(all.map((operation) => [operation.name, operation]));
}
