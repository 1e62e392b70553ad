import { formatTimetoken } from "@anywire/types";
import { userOf } from "../channel-request.ts";
import { currentContext } from "../current-run.ts";
import { fromPubNubMessage, isPubNubMessage, toPubNubMessage } from "../pubnub-message.ts";
import { badArgument, unsupported } from "../unsupported.ts";
import { elsewhere } from "./pubnub-elsewhere.ts";
import { uuid } from "./uuid.ts";

/** What PubNub answers to a publish, in both of its forms: an array, and an object with a `timetoken`. */
export type PublishAnswer = readonly [1, "Sent", string] & { readonly timetoken: string };

type Params = Readonly<Record<string, unknown>>;

/** Larger pages than that are no page of PubNub's. */
const MAX_MESSAGES = 100;
/** Of each of several channels. */
const MAX_MESSAGES_EACH = 25;
/** PubNub's signals have no kind unless one is given. */
const SIGNAL_KIND = "signal";

/**
 * `pubnub` of PubNub, as far as this platform has the same. What it has not rejects with `unsupported` and says what to do;
 * so does a parameter that would change what is done.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/pubnub
 */
export const pubnub = {
  ...elsewhere,
  /**
   * Stores a message on a channel: a text, or an object with a text or parts, whose other fields are its `meta`. Any other JSON is
   * stored as data.
   */
  async publish(params: Params): Promise<PublishAnswer> {
    check("publish", params, ["channel", "message", "storeInHistory", "sendByPost", "replicate"]);
    const { message, storeInHistory } = params;
    if (storeInHistory === false) {
      throw unsupported(
        "pubnub.publish with storeInHistory: false",
        "everything that is published is stored; use pubnub.signal for what shall not be",
      );
    }
    if (message === undefined) throw badArgument("pubnub.publish", "message is missing");
    const channel = channelOf("publish", params);
    const context = currentContext();
    const { timetoken } = isPubNubMessage(message)
      ? await context.publish(channel, fromPubNubMessage(message))
      : await context.publishData(channel, message);
    return sent(timetoken);
  },
  /** Tells a channel something live. `customMessageType` is its kind. */
  async signal(params: Params): Promise<PublishAnswer> {
    check("signal", params, ["channel", "message", "sendByPost", "customMessageType"]);
    const { message, customMessageType } = params;
    const channel = channelOf("signal", params);
    const context = currentContext();
    await context.signal(channel, String(customMessageType ?? SIGNAL_KIND), message);
    return sent(formatTimetoken(context.now(), 0));
  },
  /** The newest messages of a channel, oldest of them first. Timetokens are exact to the millisecond. */
  async history(params: Params) {
    check("history", params, ["channel", "count", ...PRESENTATION]);
    const messages = await newest(channelOf("history", params), countOf(params, MAX_MESSAGES));
    return {
      messages: messages.map(({ message, timetoken }) => ({ entry: message, timetoken })),
      startTimeToken: messages.at(0)?.timetoken ?? "0",
      endTimeToken: messages.at(-1)?.timetoken ?? "0",
    };
  },
  /** The newest messages of channels, oldest of them first. Timetokens are exact to the millisecond. */
  async fetchMessages(params: Params) {
    check("fetchMessages", params, ["channels", "count", ...PRESENTATION]);
    const names = channelsOf("fetchMessages", params);
    const most = countOf(params, names.length === 1 ? MAX_MESSAGES : MAX_MESSAGES_EACH);
    const pages = await Promise.all(names.map(async (name) => [name, await newest(name, most)]));
    return { channels: Object.fromEntries(pages) as Record<string, HistoryMessage[]> };
  },
  /** Who is connected to channels: accounts, each once. */
  async hereNow(params: Params) {
    check("hereNow", params, ["channels", "includeUUIDs"]);
    const names = channelsOf("hereNow", params);
    const found = await Promise.all(
      names.map((name) => occupantsOf(name, params["includeUUIDs"] !== false)),
    );
    return {
      totalChannels: names.length,
      totalOccupancy: found.reduce((sum, { occupancy }) => sum + occupancy, 0),
      channels: Object.fromEntries(found.map((channel) => [channel.name, channel])),
    };
  },
  /** Now. */
  async time(): Promise<{ readonly timetoken: string }> {
    return { timetoken: formatTimetoken(currentContext().now(), 0) };
  },
  /** A new random UUID. */
  generateUUID: (): string => uuid.v4(),
};

/** Parameters that say how an answer looks: it has all of that anyway. */
const PRESENTATION = [
  "stringifiedTimeToken",
  "includeTimetoken",
  "includeUUID",
  "includeUuid",
  "includeMessageType",
  "includeMeta",
];

/** A message of the past. */
interface HistoryMessage {
  readonly channel: string;
  readonly message: unknown;
  readonly timetoken: string;
  readonly uuid: string;
}

async function newest(channel: string, limit: number): Promise<HistoryMessage[]> {
  const { messages } = await currentContext().channels.messages(channel, { limit });
  return messages
    .flatMap(({ data, at, sender }) => {
      if (data === null) return [];
      const timetoken = formatTimetoken(at, 0);
      return [{ channel, message: toPubNubMessage(data), timetoken, uuid: userOf(sender) }];
    })
    .reverse();
}

async function occupantsOf(name: string, withOccupants: boolean) {
  const present = await currentContext().channels.present(name);
  const accounts = [...new Set(present.map(({ accountId }) => accountId))];
  const occupants = withOccupants ? accounts.map((id) => ({ uuid: id, state: null })) : [];
  return { name, occupancy: accounts.length, occupants };
}

/** Refuses parameters that this platform cannot keep to, rather than to forget them. */
function check(method: string, params: Params, known: readonly string[]): void {
  if (typeof params !== "object" || params === null) {
    throw badArgument(`pubnub.${method}`, "its parameters must be an object");
  }
  const [unknown] = Object.keys(params).filter(
    (name) => params[name] !== undefined && params[name] !== false && !known.includes(name),
  );
  if (unknown === undefined) return;
  throw unsupported(
    `the parameter ${unknown} of pubnub.${method}`,
    `leave it out; there are ${known.join(", ")}`,
  );
}

function channelOf(method: string, { channel }: Params): string {
  if (typeof channel === "string") return channel;
  throw badArgument(`pubnub.${method}`, "channel must be a text, such as production.group.lobby");
}

function channelsOf(method: string, { channels }: Params): readonly string[] {
  if (Array.isArray(channels) && channels.every((name) => typeof name === "string")) {
    return channels;
  }
  throw badArgument(`pubnub.${method}`, "channels must be a list of texts");
}

function countOf({ count }: Params, most: number): number {
  const given = Number(count ?? most);
  return Number.isFinite(given) ? Math.min(Math.max(Math.trunc(given), 1), most) : most;
}

function sent(timetoken: string): PublishAnswer {
  return Object.assign([1, "Sent", timetoken] as [1, "Sent", string], { timetoken });
}
