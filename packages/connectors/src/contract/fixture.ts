import type { InboundEvent } from "./inbound-event.ts";
import type { WebhookRequest } from "./webhook.ts";

/** A recorded request, and what it tells: run by the conformance suite. */
export interface Fixture {
  /** What it shows, such as `an inbound message with a picture`. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The time at which it is looked at, ms since the Unix epoch. */
  readonly now: number;
  readonly request: Omit<WebhookRequest, "body"> & { readonly body: string };
  /** What `parse` gives, exactly; undefined where `verify` must refuse it. */
  readonly events: readonly InboundEvent[] | undefined;
}
