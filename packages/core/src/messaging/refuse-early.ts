import type { Message } from "@anywire/types";
import { ChannelOrder } from "../pipeline/in-order.ts";
import type { BeforePublish } from "../pipeline/pipeline.ts";
import type { EntryDraft, Log } from "../ports/log.ts";
import type { StateFreshness, StateStore } from "../ports/state-store.ts";
import type { ChannelDocument, MessageDocument } from "../state/documents.ts";
import { foldMessage } from "../state/fold-message.ts";
import { channelKey, messageKey } from "../state/state-key.ts";
import { StateBuffer } from "../state/state-view.ts";

/** What refusing early needs to know. */
export interface EarlyRefusalOptions {
  readonly log: Pick<Log, "head">;
  readonly state: Pick<StateStore, "get">;
  /** Whether a channel is archived, if that is at hand. */
  readonly isArchived: (channel: string) => boolean | undefined;
}

/** How long a message waits for what the state says of its channel; then it passes, ms. */
const MAX_WAIT_MS = 1_000;
/** How long a channel is not looked at again on which nothing can be refused, ms. */
const PASSES_MS = 2_000;
const MAX_PASSING = 10_000;

/**
 * Refuses a message that the fold would refuse, before it is in the log: for a state that comes along after the log, where it
 * would stay and change nothing. What it cannot find out in time, or what changes until then, is decided by the fold
 * alone: a state that is away stops no message. Entries of one channel stay in the order in which they came.
 */
export function createEarlyRefusal(options: EarlyRefusalOptions): BeforePublish {
  const refusal = new EarlyRefusal(options);
  return (draft) => refusal.check(draft);
}

class EarlyRefusal {
  readonly #options: EarlyRefusalOptions;
  readonly #order = new ChannelOrder();
  /**
   * Until when everything passes on channels that nobody has opened, or of which nothing can be found out: what waits there
   * does not wait once more. Milliseconds since the Unix epoch.
   */
  readonly #passing = new Map<string, number>();

  constructor(options: EarlyRefusalOptions) {
    this.#options = options;
  }

  check(draft: EntryDraft): EntryDraft | Promise<EntryDraft> {
    return this.#order.run(draft.channel, (before) =>
      before === undefined && !this.#needsLook(draft) ? draft : this.#inTurn(before, draft),
    );
  }

  #needsLook({ kind, channel, dataJson }: EntryDraft): boolean {
    if (kind !== "message") return false;
    if (threadOf(dataJson) === undefined && this.#options.isArchived(channel) === false)
      return false;
    return (this.#passing.get(channel) ?? 0) < Date.now();
  }

  async #inTurn(before: Promise<void> | undefined, draft: EntryDraft): Promise<EntryDraft> {
    // In turn, since what the one before finds out may spare this one a look.
    await before;
    if (this.#needsLook(draft)) await this.#look(draft);
    return draft;
  }

  async #look(draft: EntryDraft): Promise<void> {
    if ((await this.#refusalOf(draft, { mayTrail: true })) === undefined) return;
    // Perhaps only because what it is about is in the log, and not in the state yet.
    const atLeast = await inTime(this.#options.log.head(draft.channel));
    if (atLeast === undefined) return this.#letPass(draft.channel);
    const refusal = await this.#refusalOf(draft, { atLeast });
    if (refusal !== undefined) throw refusal.error;
  }

  #letPass(channel: string): void {
    if (this.#passing.size >= MAX_PASSING) this.#passing.clear();
    this.#passing.set(channel, Date.now() + PASSES_MS);
  }

  /** What the fold refuses it with; undefined when it does not, or that can't be said in time. */
  async #refusalOf(
    draft: EntryDraft,
    freshness: StateFreshness,
  ): Promise<{ readonly error: unknown } | undefined> {
    const thread = threadOf(draft.dataJson);
    const keys = [channelKey(draft.channel)];
    const asked = thread === undefined ? keys : [...keys, messageKey(draft.channel, thread)];
    const found = await inTime(this.#options.state.get(asked, freshness));
    if (found?.values[0] === undefined) this.#letPass(draft.channel);
    if (found === undefined) return undefined;
    const bySort = new Map(asked.map(({ sort }, i) => [sort, found.values[i]]));
    const read = (
      _partition: string,
      sort: string,
    ): ChannelDocument | MessageDocument | undefined =>
      bySort.get(sort) as ChannelDocument | MessageDocument | undefined;
    try {
      const view = new StateBuffer({ read, list: () => [] });
      foldMessage(view, { ...draft, offset: Number.MAX_SAFE_INTEGER, at: 0 });
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}

function threadOf(dataJson: string): string | undefined {
  // Most messages have none, and need not be parsed to see that.
  if (!dataJson.includes('"thread"')) return undefined;
  return (JSON.parse(dataJson) as Message).thread;
}

/** Undefined when it fails or takes too long. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, MAX_WAIT_MS, undefined);
  });
  try {
    return await Promise.race([work, tooLate]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
