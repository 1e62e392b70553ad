import {
  type DeliveryDocument,
  type DeliveryPlace,
  deliveryKey,
  FALLBACKS,
  type StateStore,
  sortableOffset,
} from "@anywire/core";
import type { DeliveryPlanner } from "./delivery-planner.ts";

const PAGE = 100;

/**
 * Has another connection stand in for each delivery that was not delivered by the time it was given, or has failed. The plan takes
 * a delivery off the list, and calls it back if it still waits.
 */
export async function standInForLate(
  state: StateStore,
  planner: Pick<DeliveryPlanner, "planFallback">,
  now: number,
): Promise<void> {
  for (;;) {
    const { items, hasMore } = await state.list({
      partition: FALLBACKS,
      prefix: "",
      before: sortableOffset(now + 1),
      limit: PAGE,
    });
    const places = items.map(({ value }) => value as DeliveryPlace);
    if (places.length === 0) return;
    const { values } = await state.get(places.map(({ channel, id }) => deliveryKey(channel, id)));
    for (const delivery of values as (DeliveryDocument | undefined)[]) {
      if (delivery === undefined || delivery.fallback === null) continue;
      await planner.planFallback(delivery, delivery.fallback);
    }
    if (!hasMore) return;
  }
}
