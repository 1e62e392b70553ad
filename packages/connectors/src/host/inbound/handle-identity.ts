import { type ContactDocument, canonicalAddress, contactKey } from "@anywire/core";
import type { InboundIdentityChange, InboundTyping } from "../../contract/inbound-event.ts";
import { latestChannel } from "./find-place.ts";
import type { InboundDesk, Work } from "./inbound-desk.ts";
import type { InboundOutcome } from "./inbound-options.ts";
import { contactChannel, knownContact, ownerOf, seatOf } from "./known-contact.ts";

/** The network's clock and ours may differ so much, ms. */
const CLOCK_SKEW_MS = 300_000;
/** Who was writing so long ago is not writing now, ms. */
const TYPING_MS = 10_000;
const MAX_REASON_LENGTH = 512;

/**
 * A person has another name at the network. The contact keeps its channels. When the other name is that of another contact, the two
 * are one. The old name belongs to nobody then: networks give numbers to others.
 */
export async function handleIdentityChange(
  desk: InboundDesk,
  { platform, event }: Work<InboundIdentityChange>,
): Promise<InboundOutcome> {
  const from = canonicalAddress(event.from);
  const to = canonicalAddress(event.to);
  const id = await ownerOf(desk, platform, from);
  if (id === undefined || from === to) return "ignored";
  const contact = await desk.get(contactKey(contactChannel(platform, id)));
  if (contact === undefined || isOthersNow(contact, from, event.at)) return "ignored";
  const reason = `the network says that ${from} is ${to} now`.slice(0, MAX_REASON_LENGTH);
  const other = await ownerOf(desk, platform, to);
  if (other === undefined) {
    await desk.call(platform, "contact.rotate_address", { id, from, to, reason });
    return "done";
  }
  if (other !== id) await desk.call(platform, "contact.merge", { id, from: other, reason });
  await desk.call(platform, "contact.remove_address", { id, address: from, reason });
  return "done";
}

/** Whether the address came to the contact after the change: it is told late, and the address is somebody else's by now. */
function isOthersNow({ addresses }: ContactDocument, from: string, at: number): boolean {
  const own = addresses.find(({ address }) => address === from);
  return own === undefined || own.addedAt > at + CLOCK_SKEW_MS;
}

/** Somebody is writing: told to who is on the channel now, as well as it goes. */
export async function handleTyping(
  desk: InboundDesk,
  work: Work<InboundTyping>,
): Promise<InboundOutcome> {
  const { platform, connection, webhook, event } = work;
  if (desk.now() - webhook.at > TYPING_MS) return "ignored";
  const contact = await knownContact(desk, platform, event.sender);
  if (contact === undefined) return "ignored";
  const channel = await latestChannel(desk, { platform, connection, event: {} }, contact);
  if (channel === null) return "ignored";
  const accountId = (await seatOf(desk, channel, contact.names)) ?? contact.names[0];
  await desk.options.pipeline.signal(
    // Whoever hears of it sees the contact's address in place of an account's id.
    { ...desk.principal(platform), accountId },
    { channel, client: `connection-${connection.document.id}`, kind: "typing", data: null },
  );
  return "done";
}
