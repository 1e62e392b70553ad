import type { InboundEvent } from "../../contract/inbound-event.ts";

/**
 * Events of one request by whom they are about, each group in its order: one conversation need not wait for another. Where somebody
 * gets another name, everything stays in one group: who is who changes within it.
 */
export function groupEvents(events: readonly InboundEvent[]): readonly (readonly InboundEvent[])[] {
  if (events.some(({ type }) => type === "identity_changed")) return [events];
  const groups: { readonly names: Set<string>; readonly events: InboundEvent[] }[] = [];
  for (const event of events) {
    const names = namesOf(event);
    const own = groups.filter((group) => names.some((name) => group.names.has(name)));
    const [first = { names: new Set<string>(), events: [] }, ...others] = own;
    if (own.length === 0) groups.push(first);
    for (const other of others) {
      // It is about both: they are one group from the beginning.
      for (const name of other.names) first.names.add(name);
      first.events.push(...other.events);
      groups.splice(groups.indexOf(other), 1);
    }
    for (const name of names) first.names.add(name);
    first.events.push(event);
  }
  return groups.map((group) => inOrder(group.events, events));
}

function inOrder(some: readonly InboundEvent[], all: readonly InboundEvent[]): InboundEvent[] {
  const wanted = new Set(some);
  return all.filter((event) => wanted.has(event));
}

function namesOf(event: InboundEvent): readonly string[] {
  if ("sender" in event) return event.sender.addresses;
  if (event.type === "receipt") return [`receipt ${event.deliveryId ?? event.externalId ?? ""}`];
  return ["other"];
}
