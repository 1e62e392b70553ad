import {
  type DeliveryDocument,
  deliveryKey,
  type Log,
  type MessageDocument,
  messageKey,
  ORDINAL,
  type OrdinalDocument,
  type OriginDocument,
  originKey,
  type StateStore,
  sortableOffset,
} from "@anywire/core";
import type { Message } from "@anywire/types";
import { readMessage } from "./load-delivery.ts";

const MAX_REFERENCES = 20;

/** What a connection's network calls messages of a channel, in their order; undefined for one that it does not know. */
export async function externalIdsOf(
  state: StateStore,
  connection: string,
  channel: string,
  messages: readonly string[],
): Promise<(string | undefined)[]> {
  if (messages.length === 0) return [];
  const { values } = await state.get([
    ...messages.map((id) => originKey(channel, id)),
    ...messages.map((id) => messageKey(channel, id)),
  ]);
  const origins = values.slice(0, messages.length) as (OriginDocument | undefined)[];
  const documents = values.slice(messages.length) as (MessageDocument | undefined)[];
  const sent = await sentThrough(state, connection, channel, documents);
  return messages.map((id, i) => {
    const origin = origins[i];
    return origin?.connection === connection ? origin.externalId : sent.get(id);
  });
}

/** What the network calls the messages before an offset, oldest first. */
export async function referencesBefore(
  state: StateStore,
  connection: string,
  channel: string,
  offset: number,
): Promise<string[]> {
  const { items } = await state.list({
    partition: channel,
    prefix: ORDINAL,
    before: ORDINAL + sortableOffset(offset),
    limit: MAX_REFERENCES,
    order: "desc",
  });
  const messages = items.map(({ value }) => (value as OrdinalDocument).id).reverse();
  const ids = await externalIdsOf(state, connection, channel, messages);
  return ids.filter((id) => id !== undefined);
}

/** What the first message of a channel says; undefined when it is gone. */
export async function openingOf(
  { log, state }: { readonly log: Pick<Log, "read">; readonly state: StateStore },
  channel: string,
): Promise<Message | undefined> {
  const { items } = await state.list({ partition: channel, prefix: ORDINAL, limit: 1 });
  const first = items[0]?.value as OrdinalDocument | undefined;
  if (first === undefined) return undefined;
  const { values } = await state.get([messageKey(channel, first.id)]);
  const message = values[0] as MessageDocument | undefined;
  if (message === undefined || message.deleted) return undefined;
  return (await readMessage(log, { channel }, message))?.said;
}

async function sentThrough(
  state: StateStore,
  connection: string,
  channel: string,
  documents: readonly (MessageDocument | undefined)[],
): Promise<Map<string, string>> {
  const deliveries = documents.flatMap((document) =>
    (document?.deliveries ?? []).filter((one) => one.connection === connection),
  );
  const sent = new Map<string, string>();
  if (deliveries.length === 0) return sent;
  const { values } = await state.get(deliveries.map(({ id }) => deliveryKey(channel, id)));
  for (const delivery of values as (DeliveryDocument | undefined)[]) {
    const [first] = delivery?.externalIds ?? [];
    if (delivery !== undefined && first !== undefined && !sent.has(delivery.message)) {
      sent.set(delivery.message, first);
    }
  }
  return sent;
}
