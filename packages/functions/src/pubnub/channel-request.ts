import { accountIdOf } from "@anywire/types";
import type { FunctionContext } from "../author/context.ts";
import type { EventInputs } from "../author/events.ts";
import type { ChannelTrigger } from "../author/trigger.ts";
import type { PubNubAnswers } from "./outcome.ts";
import { toPubNubMessage } from "./pubnub-message.ts";

/** What PubNub's handlers get of something on a channel. `M` is what the handler takes the message for. */
export interface PubNubRequest<M = unknown> extends PubNubAnswers {
  /** Can be changed in place, and replaced, by a handler that runs before. */
  message: M;
  /** The one channel it is on. */
  readonly channels: readonly [string];
  readonly verb: "publish" | "signal" | "presence";
  /** The platform. */
  readonly pubkey: string;
  /** The platform. */
  readonly subkey: string;
  /** `uuid` is who said it: the id of the account, or the address of anyone else. */
  readonly params: { readonly uuid: string };
  /** Empty: where a message was sent from is not known to functions. */
  readonly meta: { readonly [name: string]: unknown };
  /** 17 digits, once it is stored. */
  readonly timetoken?: string;
}

type ChannelInput = EventInputs[ChannelTrigger];

/** The fields of PubNub's request, without `ok` and `abort`. */
export function channelRequest(
  trigger: ChannelTrigger,
  event: ChannelInput,
  context: FunctionContext,
): Omit<PubNubRequest, keyof PubNubAnswers> {
  const { channel, platform } = event;
  const request = {
    message: messageOf(event, context),
    channels: Object.freeze([channel] as const),
    verb: VERBS[trigger],
    pubkey: platform,
    subkey: platform,
    params: { uuid: "sender" in event ? userOf(event.sender) : event.accountId },
    meta: {},
    ...("timetoken" in event ? { timetoken: event.timetoken } : {}),
  };
  // Another channel is not a matter of this field: whoever tries is told, not ignored.
  return Object.defineProperty(request, "channels", { writable: false });
}

const VERBS: Readonly<Record<ChannelTrigger, PubNubRequest["verb"]>> = {
  beforePublish: "publish",
  afterPublish: "publish",
  beforeSignal: "signal",
  afterSignal: "signal",
  afterPresence: "presence",
};

/** The id of an account, which is what PubNub calls a user; of anyone else the address. */
export function userOf(address: string): string {
  return accountIdOf(address) ?? address;
}

function messageOf(event: ChannelInput, context: FunctionContext): unknown {
  if ("message" in event) return toPubNubMessage(event.message);
  // PubNub has no message that is nothing, and its handlers look into it unasked.
  if ("data" in event) return event.data ?? {};
  return {
    action: event.action,
    uuid: event.accountId,
    timestamp: Math.floor(context.now() / 1000),
  };
}
