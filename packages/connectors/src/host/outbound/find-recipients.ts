import {
  type ChannelDocument,
  type ContactDocument,
  contactKey,
  PARTICIPANT,
  type ParticipantDocument,
  type StateStore,
} from "@anywire/core";
import { platformOf } from "@anywire/types";

/** Somebody outside who is to get what is said on a channel. */
export interface Recipient {
  /** As the channel names it. */
  readonly participant: string;
  /** Who that is now: the one it was merged into. */
  readonly contact: Pick<ContactDocument, "id" | "addresses">;
}

/** The contacts who take part in a channel, each once, without the one who says it. */
export async function findRecipients(
  state: StateStore,
  channel: ChannelDocument,
  sender: string,
): Promise<Recipient[]> {
  const addresses = await participantsOf(state, channel);
  const contacts = addresses.filter((one) => one.startsWith("contact:") && one !== sender).sort();
  const recipients = new Map<string, Recipient>();
  for (const participant of contacts) {
    const contact = await contactBehind(state, channel.channel, participant);
    if (contact === undefined || `contact:${contact.id}` === sender) continue;
    if (!recipients.has(contact.id)) recipients.set(contact.id, { participant, contact });
  }
  return [...recipients.values()];
}

/** The contact behind a channel's participant, or the one it was merged into; undefined when there is none. */
export async function contactBehind(
  state: StateStore,
  channel: string,
  participant: string,
): Promise<ContactDocument | undefined> {
  let id = participant.slice("contact:".length);
  for (;;) {
    const { values } = await state.get([contactKey(`${platformOf(channel)}.contact.${id}`)]);
    const contact = values[0] as ContactDocument | undefined;
    // Who is merged can not be merged into, so this comes to an end.
    if (contact === undefined || contact.mergedInto === null) return contact;
    id = contact.mergedInto;
  }
}

async function participantsOf(
  state: StateStore,
  { channel, participants, participantCount }: ChannelDocument,
): Promise<readonly string[]> {
  // The document names all of a small channel.
  if (participants.length >= participantCount) return participants;
  const { items } = await state.list({ partition: channel, prefix: PARTICIPANT });
  return items
    .map(({ value }) => value as ParticipantDocument)
    .filter(({ leftOffset }) => leftOffset === null)
    .map(({ address }) => address);
}
