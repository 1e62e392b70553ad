import {
  AnywireError,
  accountAddress,
  type ChannelTypeRegistry,
  createEntryId,
  type DomainKind,
  type EntryData,
} from "@anywire/types";
import type { Access } from "../access/access.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Appended, EntryDraft, Log } from "../ports/log.ts";
import type { Presence } from "../ports/presence.ts";
import { isLate, type StateStore } from "../ports/state-store.ts";
import type { AccountPresences } from "../presence/account-presences.ts";
import type { ChannelDocument, MembershipDocument } from "../state/documents.ts";
import { createSecondLook, type SecondLook } from "../state/second-look.ts";
import { accountKey, channelKey, membershipKey, type StateKey } from "../state/state-key.ts";
import { tryFold } from "../state/try-fold.ts";
import { type Caller, notFound, ownPartition } from "./operation.ts";

/** What the operations need. */
export interface MessagingOptions {
  readonly access: Access;
  readonly pipeline: Pipeline;
  readonly log: Log;
  readonly state: StateStore;
  readonly presence: Presence;
  readonly accountPresences: Pick<AccountPresences, "of">;
  readonly channelTypes: ChannelTypeRegistry;
  /** The most participants a channel can have. */
  readonly maxParticipants: number;
}

/** An entry that the server writes for the model. */
export interface RecordRequest<K extends DomainKind> {
  readonly channel: string;
  readonly kind: K;
  readonly data: EntryData<K>;
  /** Makes that it is stored once; default a new one. */
  readonly id?: string;
}

/** The ports, and what several operations do with them. */
export class MessagingContext {
  readonly access: Access;
  readonly pipeline: Pipeline;
  readonly log: Log;
  readonly state: StateStore;
  readonly presence: Presence;
  readonly accountPresences: Pick<AccountPresences, "of">;
  readonly channelTypes: ChannelTypeRegistry;
  readonly maxParticipants: number;
  readonly secondLook: SecondLook;

  constructor(options: MessagingOptions) {
    this.access = options.access;
    this.pipeline = options.pipeline;
    this.log = options.log;
    this.state = options.state;
    this.presence = options.presence;
    this.accountPresences = options.accountPresences;
    this.channelTypes = options.channelTypes;
    this.maxParticipants = options.maxParticipants;
    this.secondLook = createSecondLook(options.log, options.state);
  }

  /**
   * Stores an entry of the model in the caller's name; resolves when the state has it, and those who watch it here know.
   * @throws {AnywireError} what the fold refuses it with, and what the log throws
   */
  async record<K extends DomainKind>(caller: Caller, request: RecordRequest<K>): Promise<Appended> {
    return await this.#store(draftOf(caller, request), request.id !== undefined);
  }

  /**
   * The same for what people say: steps that run before a message is stored may refuse or change it, too.
   * @throws {AnywireError} what the steps throw, `bad_request` when one sends it to another channel
   */
  async recordSaid<K extends DomainKind>(
    caller: Caller,
    request: RecordRequest<K>,
  ): Promise<Appended> {
    const draft = draftOf(caller, request);
    const reviewed = await this.pipeline.review(caller.principal, draft);
    if (reviewed.channel !== draft.channel) {
      throw new AnywireError(
        "bad_request",
        `an entry of kind ${draft.kind} stays on ${draft.channel}: it can be refused or changed, not sent to ${reviewed.channel}`,
      );
    }
    return await this.#store(reviewed, request.id !== undefined);
  }

  async #store(draft: EntryDraft, mayBeThere: boolean): Promise<Appended> {
    if (!isLate(this.state)) return await this.log.append(draft);
    // One of a given id may be there already, and then is what it is.
    if (!mayBeThere) await this.secondLook(">", () => tryFold(this.state, draft));
    const appended = await this.log.append(draft);
    const refusal = await this.state.refusalOf(appended.entry.offset);
    if (refusal !== undefined) throw new AnywireError(refusal.code, refusal.message);
    return appended;
  }

  /** One document, undefined when it is not there. */
  async get<T>(key: StateKey<T>, atLeast?: number): Promise<T | undefined> {
    const { values } = await this.state.get([key], atLeast === undefined ? {} : { atLeast });
    return values[0] as T | undefined;
  }

  /** Documents of one type, in the order of their keys. */
  async getAll<T>(keys: readonly StateKey<T>[]): Promise<readonly (T | undefined)[]> {
    if (keys.length === 0) return [];
    return (await this.state.get(keys)).values as (T | undefined)[];
  }

  /**
   * One document that follows from the entries of the channel it is kept by.
   * @throws {AnywireError} `not_found`, with these words, when it is not there.
   */
  async find<T>(key: StateKey<T>, words: string, atLeast?: number): Promise<T> {
    return await this.secondLook(key.partition, async () => {
      const document = await this.get(key, atLeast);
      if (document === undefined) throw notFound(words);
      return document;
    });
  }

  /**
   * A channel that was opened.
   * @throws {AnywireError} `not_found`
   */
  async channel(name: string, atLeast?: number): Promise<ChannelDocument> {
    return await this.find(channelKey(name), `nobody has opened ${name}; open it first`, atLeast);
  }

  /**
   * A channel, and the caller's side of it, with the entry at least that is asked for. Default: all that is in the log of both,
   * since what was said last, and what the account did through another node, decides what a mark changes.
   * @throws {AnywireError} `permission_denied` when the caller takes no part in it.
   */
  async own(caller: Caller, name: string, atLeast?: number): Promise<OwnChannel> {
    const partition = ownPartition(caller);
    const { values } = await this.state.get([channelKey(name), membershipKey(partition, name)], {
      atLeast: atLeast ?? (await this.#headOf(name, partition)),
    });
    const [document, membership] = values as [
      ChannelDocument | undefined,
      MembershipDocument | undefined,
    ];
    if (document !== undefined && membership?.leftOffset === null) return { document, membership };
    const { accountId } = caller.principal;
    throw new AnywireError("permission_denied", `${accountId} takes no part in ${name}`);
  }

  /** The last entry of these channels, for a state that may not have it yet. */
  async #headOf(...channels: readonly string[]): Promise<number> {
    if (!isLate(this.state)) return 0;
    return Math.max(...(await Promise.all(channels.map((channel) => this.log.head(channel)))));
  }

  /** Makes the caller's account known, if it is not yet: others can then open channels with it. */
  async knowAccount(caller: Caller): Promise<void> {
    const { platform, accountId } = caller.principal;
    if ((await this.get(accountKey(platform, accountId))) !== undefined) return;
    // A fixed id: of two devices that come first at once, one makes it known.
    await this.record(caller, {
      channel: ownPartition(caller),
      kind: "account",
      data: {},
      id: "first-seen",
    });
  }
}

function draftOf(caller: Caller, request: RecordRequest<DomainKind>): EntryDraft {
  const { channel, kind, data, id = createEntryId() } = request;
  return {
    channel,
    id,
    kind,
    sender: accountAddress(caller.principal.accountId),
    dataJson: JSON.stringify(data),
    ...(caller.client === undefined ? {} : { client: caller.client }),
  };
}

/** A channel, and one account's side of it. */
export interface OwnChannel {
  readonly document: ChannelDocument;
  readonly membership: MembershipDocument;
}
