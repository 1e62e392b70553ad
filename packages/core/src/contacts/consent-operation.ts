import {
  AnywireError,
  type ConsentEntry,
  consentEntrySchema,
  consentRequestSchema,
  contactRequestSchema,
  formatChannelName,
} from "@anywire/types";
import type { z } from "zod";
import type { MessagingContext } from "../messaging/messaging-context.ts";
import { done, type Operation } from "../messaging/operation.ts";
import { addressKey } from "../state/state-key.ts";

/** `contact.consent`: whether somebody wants to be written to, as an operator was told. The last word counts, whoever says it. */
export function consentOperation(context: MessagingContext): Operation {
  const request = consentRequestSchema.extend(contactRequestSchema.shape);
  const operation: Operation<z.output<typeof request>, ConsentEntry> = {
    name: "contact.consent",
    request,
    answer: consentEntrySchema,
    async run(caller, { id, address: given, connection, state, reason }) {
      const { platform } = caller.principal;
      const channel = formatChannelName({ platform, type: "contact", id });
      await context.access.assertMay(caller.principal, "manage", channel);
      // What is known of the world's phone numbers is large, and many a server never needs it.
      const { canonicalAddress } = await import("./canonical-address.ts");
      const address = canonicalAddress(given);
      await context.secondLook(channel, async () => {
        if ((await context.get(addressKey(platform, address))) === id) return;
        throw new AnywireError("not_found", `contact ${id} has no address ${address}`);
      });
      const data = { address, connection, state, source: "operator", reason } as const;
      await context.record(caller, { channel, kind: "consent", data });
      return done(data);
    },
  };
  return operation;
}
