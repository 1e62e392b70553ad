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

/** How many are read at once, and the most that are in memory, however many take part. */
const BATCH = 100;

/** The contacts who take part in a channel, each once, without the one who says it; batch by batch. */
export async function* findRecipients(
  state: StateStore,
  channel: ChannelDocument,
  sender: string,
): AsyncGenerator<Recipient[]> {
  // What is no contact is no contact's id either.
  const found = new Set([sender.replace(/^contact:/, "")]);
  for await (const participants of contactsIn(state, channel)) {
    const others = participants.filter((one) => one !== sender);
    const contacts = await contactsBehind(state, channel.channel, others);
    const recipients = others.flatMap((participant, i) => {
      const contact = contacts[i];
      if (contact === undefined || found.has(contact.id)) return [];
      found.add(contact.id);
      return [{ participant, contact }];
    });
    yield recipients;
  }
}

/** The contact behind a channel's participant, or the one it was merged into; undefined when there is none. */
export async function contactBehind(
  state: StateStore,
  channel: string,
  participant: string,
): Promise<ContactDocument | undefined> {
  const [contact] = await contactsBehind(state, channel, [participant]);
  return contact;
}

/** The same for several, in their order. */
async function contactsBehind(
  state: StateStore,
  channel: string,
  participants: readonly string[],
): Promise<(ContactDocument | undefined)[]> {
  const platform = platformOf(channel);
  const found = new Map<string, ContactDocument>();
  const names = participants.map(idOf);
  for (let asked = [...new Set(names)]; asked.length > 0; ) {
    const { values } = await state.get(asked.map((id) => contactKey(`${platform}.contact.${id}`)));
    for (const contact of values as (ContactDocument | undefined)[]) {
      if (contact !== undefined) found.set(contact.id, contact);
    }
    // Who is merged can not be merged into, so this comes to an end.
    const merged = asked.flatMap((id) => found.get(id)?.mergedInto ?? []);
    asked = [...new Set(merged)].filter((id) => !found.has(id));
  }
  const lastOf = (id: string): ContactDocument | undefined => {
    const contact = found.get(id);
    return contact === undefined || contact.mergedInto === null
      ? contact
      : lastOf(contact.mergedInto);
  };
  return names.map(lastOf);
}

/** The contacts in a channel as it names them, in order. */
async function* contactsIn(
  state: StateStore,
  { channel, participants, participantCount }: ChannelDocument,
): AsyncGenerator<string[]> {
  // The document names all of a small channel.
  if (participants.length >= participantCount) {
    yield participants.filter((one) => one.startsWith("contact:")).sort();
    return;
  }
  const prefix = `${PARTICIPANT}contact:`;
  for (let after = prefix; ; ) {
    const page = await state.list({ partition: channel, prefix, after, limit: BATCH });
    yield page.items
      .map(({ value }) => value as ParticipantDocument)
      .filter(({ leftOffset }) => leftOffset === null)
      .map(({ address }) => address);
    const last = page.items.at(-1);
    if (!page.hasMore || last === undefined) return;
    after = last.sort;
  }
}

function idOf(participant: string): string {
  return participant.slice("contact:".length);
}
