import {
  AnywireError,
  accountIdOf,
  type ChannelInfo,
  type MessagesPage,
  type MessageView,
  type OpenChannelRequest,
  type ParticipantsPage,
  parseChannelName,
  participantsRequestSchema,
  type UpdateChannelRequest,
  updateChannelRequestSchema,
} from "@anywire/types";
import { checkOwnChannel } from "../check-target.ts";
import type { ActAs, FunctionChannels } from "../context.ts";
import { describeIssues } from "../describe-issues.ts";
import type { FunctionMessage } from "../events.ts";
import { fromFunctionMessage, toFunctionMessage } from "../function-message.ts";
import { readOpening } from "./open-test-channel.ts";
import type { TestEntry, TestLog } from "./test-log.ts";

/** A channel that is there when a test begins. */
export interface TestChannel {
  readonly channel: string;
  readonly title?: string;
  readonly connection?: string;
  /** Addresses, such as `account:bob`. */
  readonly participants?: readonly string[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly archived?: boolean;
  /** Oldest first. A text alone was said by `account:bob`. */
  readonly messages?: readonly (string | TestMessage)[];
  /** Ids of the accounts that are connected to it. */
  readonly present?: readonly string[];
}

/** A message that is there when a test begins. */
export interface TestMessage extends Partial<FunctionMessage> {
  readonly id?: string;
  /** Default `account:bob`. */
  readonly sender?: string;
  /** Milliseconds since the Unix epoch. Default now. */
  readonly at?: number;
}

type Query = NonNullable<Parameters<FunctionChannels["messages"]>[1]>;

/** What is known of a channel when it begins. */
interface Beginning {
  readonly channel: string;
  readonly title?: string | undefined;
  readonly avatarUrl?: string | undefined;
  readonly connection?: string | undefined;
  readonly history?: ChannelInfo["history"] | undefined;
  readonly archived?: boolean | undefined;
  readonly participants?: readonly string[] | undefined;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

interface Kept {
  info: ChannelInfo;
  readonly participants: Set<string>;
  readonly present: readonly string[];
  readonly isFixed: boolean;
}

/** Channels of one platform, in memory. */
export class TestChannels implements FunctionChannels {
  readonly #platform: string;
  readonly #log: TestLog;
  readonly #now: () => number;
  readonly #channels = new Map<string, Kept>();
  readonly #byKey = new Map<string, string>();

  constructor(
    platform: string,
    log: TestLog,
    now: () => number,
    channels: readonly TestChannel[] = [],
  ) {
    this.#platform = platform;
    this.#log = log;
    this.#now = now;
    for (const channel of channels) this.#begin(channel);
  }

  async open(request: OpenChannelRequest & ActAs): Promise<ChannelInfo> {
    const { isFixed, key, ...opening } = readOpening(this.#platform, request);
    const known = key === undefined ? undefined : this.#byKey.get(key);
    if (known !== undefined) return this.#infoOf(this.#find(known));
    const channel = `${this.#platform}.${opening.type}.opened-${this.#channels.size + 1}`;
    if (key !== undefined) this.#byKey.set(key, channel);
    return this.#infoOf(this.#add({ ...opening, channel }, isFixed));
  }

  async get(channel: string): Promise<ChannelInfo> {
    return this.#infoOf(this.#find(channel));
  }

  async update(channel: string, change: UpdateChannelRequest): Promise<ChannelInfo> {
    const kept = this.#find(channel);
    const parsed = updateChannelRequestSchema.safeParse(change);
    if (!parsed.success) throw refused(`channels.update: ${describeIssues(parsed.error)}`);
    const given = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
    kept.info = { ...kept.info, ...Object.fromEntries(given) };
    return this.#infoOf(kept);
  }

  async participants(channel: string): Promise<ParticipantsPage> {
    const { participants, info } = this.#find(channel);
    const sorted = [...participants].sort();
    return {
      participants: sorted.map((address) => ({
        address,
        role: accountIdOf(address) === undefined ? "guest" : "member",
        joinedAt: info.createdAt,
        readOffset: 0,
        deliveredOffset: 0,
      })),
    };
  }

  async addParticipants(channel: string, participants: readonly string[]): Promise<void> {
    const { participants: seats } = this.#changeable(channel, participants);
    for (const address of participants) seats.add(address);
  }

  async removeParticipants(channel: string, participants: readonly string[]): Promise<void> {
    const { participants: seats } = this.#changeable(channel, participants);
    const stranger = participants.find((address) => !seats.has(address));
    if (stranger !== undefined) throw notFound(`${stranger} does not take part in ${channel}`);
    for (const address of participants) seats.delete(address);
  }

  async messages(channel: string, query: Query = {}): Promise<MessagesPage> {
    this.#find(channel);
    const { limit = 50, before = Number.POSITIVE_INFINITY, after = 0 } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > 200) {
      throw refused("channels.messages: the limit is a whole number from 1 to 200");
    }
    const found = this.#said(channel)
      .filter(({ offset }) => offset > after && offset < before)
      .reverse();
    const messages = found.slice(0, limit).map((entry) => this.#viewOf(entry));
    const last = messages.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    const asOf = this.#log.entries.length;
    return { messages, ...(hasMore && { cursor: String(last.offset) }), asOf };
  }

  async message(channel: string, id: string): Promise<MessageView> {
    this.#find(channel);
    const entry = this.#said(channel).find((one) => one.id === id);
    if (entry === undefined) throw notFound(`there is no message ${id} in ${channel}`);
    return this.#viewOf(entry);
  }

  async present(channel: string): Promise<readonly { client: string; accountId: string }[]> {
    const { present } = this.#find(channel);
    return present.map((accountId) => ({ client: `client-of-${accountId}`, accountId }));
  }

  #begin({ messages = [], present = [], ...rest }: TestChannel): void {
    const channel = checkOwnChannel(this.#platform, rest.channel);
    this.#add({ ...rest, channel }, false, present);
    for (const [i, given] of messages.entries()) {
      const { id, sender, at, ...said } = typeof given === "string" ? { text: given } : given;
      this.#log.append({
        channel,
        kind: "message",
        id: id ?? `message-${i + 1}`,
        sender: sender ?? "account:bob",
        message: toFunctionMessage(fromFunctionMessage(said)),
        ...(at !== undefined && { at }),
      });
    }
  }

  #add(given: Beginning, isFixed: boolean, present: readonly string[] = []): Kept {
    const { channel, title = null, avatarUrl = null, connection = null } = given;
    const { participants = [], history = "all", archived = false, meta = {} } = given;
    const info: ChannelInfo = {
      channel,
      type: parseChannelName(channel).type,
      title,
      avatarUrl,
      connection,
      history,
      participants: [],
      participantCount: 0,
      messages: 0,
      archived,
      meta: { ...meta },
      createdAt: this.#now(),
    };
    const kept = { info, participants: new Set(participants), present, isFixed };
    this.#channels.set(channel, kept);
    return kept;
  }

  #infoOf({ info, participants }: Kept): ChannelInfo {
    const first = [...participants].slice(0, 20);
    const messages = this.#said(info.channel).length;
    return { ...info, participants: first, participantCount: participants.size, messages };
  }

  #said(channel: string): TestEntry[] {
    return this.#log.entries.filter((one) => one.channel === channel && one.kind === "message");
  }

  #viewOf(entry: TestEntry): MessageView {
    const { id, channel, offset, sender, at, message } = entry;
    const replies = this.#said(channel).filter((one) => one.message?.thread === id).length;
    const said = { id, channel, offset, sender, at, data: fromFunctionMessage(message) };
    const untouched = { version: 1, editedAt: null, deleted: false, pinned: false, reactions: [] };
    return { ...said, ...untouched, replies };
  }

  #find(channel: string): Kept {
    const kept = this.#channels.get(checkOwnChannel(this.#platform, channel));
    if (kept !== undefined) return kept;
    throw notFound(
      `nobody has opened ${channel}; open it first, or give it to the test: { channels: [{ channel: "${channel}" }] }`,
    );
  }

  #changeable(channel: string, participants: readonly string[]): Kept {
    const kept = this.#find(channel);
    const parsed = participantsRequestSchema.safeParse({ participants });
    if (!parsed.success) throw refused(describeIssues(parsed.error));
    if (!kept.isFixed) return kept;
    throw new AnywireError(
      "conflict",
      `${channel} is known by its participants, so they never change; open another channel`,
    );
  }
}

function refused(message: string): AnywireError {
  return new AnywireError("bad_request", message);
}

function notFound(message: string): AnywireError {
  return new AnywireError("not_found", message);
}
