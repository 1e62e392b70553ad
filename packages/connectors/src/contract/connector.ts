import type { ChannelType } from "@anywire/types";
import type { z } from "zod";
import type { Capabilities } from "./capabilities.ts";
import type { ConnectionContext } from "./context.ts";
import type { Fixture } from "./fixture.ts";
import type { InboundEvent } from "./inbound-event.ts";
import type { ConnectorLimit, Policy } from "./policy.ts";
import type { SendJob, SendResult } from "./send.ts";
import type { CreateSimulator } from "./simulator.ts";
import type { Verdict, WebhookAnswer, WebhookRequest } from "./webhook.ts";

/** A secret that a connection needs. */
export interface SecretField {
  readonly name: string;
  /** Where a person finds it. */
  readonly description: string;
  readonly isRequired: boolean;
}

/**
 * The code that speaks to a network: a plain object. What it can't do it leaves out; abilities beside these are in `abilities.ts`.
 *
 * Every connector MUST keep these rules; each is a rule of the conformance suite (`anywire connector test`):
 * - `verify` and `parse` are pure: no I/O, no clock but `context.now()`, the same result for the same request. Both take anything
 *   that comes over the wire: `verify` refuses what is not signed with a secret that holds, compares in constant time, refuses
 *   what is older than the network's own bound; `parse` throws for what is no request of this network.
 * - The same event that comes again has the same `externalId`, and different events have different ones.
 * - `send` resolves with `accepted` only when the network said so, with `rejected` only when it surely did not go out, with
 *   `unknown` in all other cases; it does not retry by itself; it never rejects but for a defect of its own. It heeds its signal.
 * - `send` gives the network `deliveryId` to carry, where the network can carry anything, and `parse` gives it back with receipts.
 * - Secrets reach no error, no reason and no log; of settings only what a person has to look at, such as the name of a host.
 */
export interface Connector<S = Readonly<Record<string, unknown>>> {
  /** Small letters, digits and `-`, such as `twilio-sms`. */
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  /** Such as `Twilio SMS`. */
  readonly displayName: string;
  /** The way out that it is: the channel type's `network`. */
  readonly network: string;
  /** The type of channels that go over it; declared unless it is there already. */
  readonly channelType: ChannelType;
  /** Settings of a connection, without secrets. Every field has a description. */
  readonly configSchema: z.ZodType<S>;
  readonly secrets: readonly SecretField[];
  /**
   * Settings that may change while the secrets stay, since they decide nothing about where and how secrets are sent. Each other
   * setting changes only together with all secrets, so that nobody learns them by leading them elsewhere. Default: none.
   */
  readonly freeSettings?: readonly string[];
  /** Kinds of addresses that it can send to, best first. Of others: `alsoReaches` makes one of them. */
  readonly addressKinds: readonly string[];
  /** Kinds that stand for one of `addressKinds` with the same value, such as `phone` for `whatsapp`. */
  readonly alsoReaches?: Readonly<Record<string, string>>;
  /** Whether it can send to an address of one of `addressKinds`, where not to all. */
  reaches?(address: string): boolean;
  readonly policy: Policy;
  readonly limits: readonly ConnectorLimit[];
  /** Known without I/O. */
  capabilities(context: ConnectionContext<S>): Capabilities;
  /** Whether a request is from the network. A promise where only another library's own handler can tell: await it always. */
  verify(request: WebhookRequest, context: ConnectionContext<S>): Verdict | Promise<Verdict>;
  /** What a genuine request tells, in its order. @throws {Error} when it is no request of this network */
  parse(request: WebhookRequest, context: ConnectionContext<S>): Promise<readonly InboundEvent[]>;
  /** Hands a message to the network, once. */
  send(job: SendJob, context: ConnectionContext<S>): Promise<SendResult>;
  /** What a genuine request is answered with once it is stored. Default: 200 without a body. */
  readonly answer?: WebhookAnswer;
  /** A fake of the network. */
  readonly simulator?: () => Promise<CreateSimulator>;
  /** Recorded requests and what they tell. */
  readonly fixtures?: () => Promise<readonly Fixture[]>;
}
