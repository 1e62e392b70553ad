import type { InboundEvent } from "../../contract/inbound-event.ts";
import { handleDelete, handleEdit, handleReaction } from "./handle-change.ts";
import { handleConsent } from "./handle-consent.ts";
import { handleIdentityChange, handleTyping } from "./handle-identity.ts";
import { handleMessage } from "./handle-message.ts";
import { handleRead, handleReceipt } from "./handle-receipt.ts";
import type { InboundDesk, Work } from "./inbound-desk.ts";
import type { InboundOutcome } from "./inbound-options.ts";

type Handle<T extends InboundEvent["type"]> = (
  desk: InboundDesk,
  work: Work<Extract<InboundEvent, { type: T }>>,
) => Promise<InboundOutcome>;

const HANDLERS: { readonly [T in InboundEvent["type"]]: Handle<T> } = {
  message: handleMessage,
  edit: handleEdit,
  delete: handleDelete,
  reaction: handleReaction,
  receipt: handleReceipt,
  read: handleRead,
  typing: handleTyping,
  identity_changed: handleIdentityChange,
  consent: handleConsent,
  ignored: async () => "ignored",
};

/**
 * Does what an event says. Done again, it changes nothing more.
 * @throws {NotKnownYet} when what it is about may still be on its way
 * @throws {AnywireError} whose code says whether trying again can help
 */
export async function handleEvent(desk: InboundDesk, work: Work): Promise<InboundOutcome> {
  // An event of a kind that this version does not know is kept as it came, and passed over.
  if (!Object.hasOwn(HANDLERS, work.event.type)) return "ignored";
  // What it is about was known before it came: nobody speaks of what is not there yet.
  await desk.reach(work.webhook.offset);
  const handle = HANDLERS[work.event.type] as Handle<InboundEvent["type"]>;
  return await handle(desk, work as never);
}
