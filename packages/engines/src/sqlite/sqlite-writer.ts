import type { Appended, EntryDraft, LogEntry } from "@anywire/core";
import type { AnywireError } from "@anywire/types";
import { createLogEntry } from "../shared/log-entry.ts";
import { type ChangeListener, ChangeTeller } from "./change-teller.ts";
import { decodeEntries, decodeEntry } from "./decode-entries.ts";
import { DRAFT_FIELDS, ROW_FIELDS } from "./entry-rows.ts";
import { toError } from "./to-error.ts";
import { WorkerThread } from "./worker-thread.ts";
import {
  type CallResult,
  type ConsumerArgs,
  type ConsumerCall,
  type ConsumerMethod,
  type ConsumerValue,
  STAMP_FIELDS,
  type WriterReply,
  type WriterRequest,
  type WriterSettings,
} from "./writer-messages.ts";

/** So many drafts at most share a commit: those of one commit all wait for the last. */
const MAX_BATCH = 4_096;

interface PendingDraft {
  readonly draft: EntryDraft;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
}

interface PendingCall {
  readonly call: ConsumerCall;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Written = Extract<WriterReply, { type: "written" }>;

/**
 * The event loop's side of the writer thread. What is asked for in one turn of the loop, and while a
 * commit runs, goes to the thread together and shares the next commit.
 */
export class SqliteWriter {
  readonly #settings: WriterSettings;
  readonly #now: () => number;
  readonly #deliver: (entry: LogEntry) => void;
  readonly #state: ChangeListener;
  #thread: WorkerThread<WriterRequest, WriterReply> | null = null;
  #drafts: PendingDraft[] = [];
  #calls: PendingCall[] = [];
  /** What the thread is at, and how much of it has been answered. */
  #sentDrafts: PendingDraft[] = [];
  #sentCalls: PendingCall[] = [];
  #answeredDrafts = 0;
  #answeredCalls = 0;
  #isBusy = false;
  #isSendQueued = false;
  #death: AnywireError | null = null;

  /**
   * @param deliver gets every new entry of every process, in the order of the log
   * @param state is told before what the entry did to the state
   */
  constructor(
    settings: WriterSettings,
    now: () => number,
    deliver: (entry: LogEntry) => void,
    state: ChangeListener,
  ) {
    this.#settings = settings;
    this.#state = state;
    this.#now = now;
    this.#deliver = deliver;
  }

  /** Starts the thread, which opens or creates the database. Resolves with the log's epoch. */
  start(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#thread = new WorkerThread("writer-worker", this.#settings, {
        onReply: (reply) => {
          if (reply.type === "written") this.#onWritten(reply);
          else if (reply.type === "foreign") this.#onForeign(reply);
          else if (reply.type === "ready") resolve(reply.epoch);
          else reject(toError(reply.failure));
        },
        onDeath: (error) => {
          this.#die(error);
          reject(error);
        },
      });
    });
  }

  append(draft: EntryDraft): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#death !== null) return reject(this.#death);
      this.#drafts.push({ draft, resolve, reject });
      this.#sendSoon();
    });
  }

  /** Makes a step on the consumers' tables. */
  call<M extends ConsumerMethod>(method: M, ...args: ConsumerArgs<M>): Promise<ConsumerValue<M>> {
    return new Promise((resolve, reject) => {
      if (this.#death !== null) return reject(this.#death);
      const done = (value: unknown): void => resolve(value as ConsumerValue<M>);
      this.#calls.push({ call: { method, args }, resolve: done, reject });
      this.#sendSoon();
    });
  }

  /** Ends the thread. Nothing may be waiting for it. */
  async close(): Promise<void> {
    await this.#thread?.end();
  }

  #sendSoon(): void {
    // While a commit runs, its end sends what has come together.
    if (this.#isBusy || this.#isSendQueued) return;
    this.#isSendQueued = true;
    setImmediate(() => {
      this.#isSendQueued = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#death !== null || this.#drafts.length + this.#calls.length === 0) return;
    this.#isBusy = true;
    this.#sentDrafts = this.#drafts;
    this.#drafts = this.#sentDrafts.length > MAX_BATCH ? this.#sentDrafts.splice(MAX_BATCH) : [];
    this.#sentCalls = this.#calls;
    this.#calls = [];
    this.#answeredDrafts = 0;
    this.#answeredCalls = 0;
    const calls = this.#sentCalls.map(({ call }) => call);
    this.#thread?.post({ drafts: encodeDrafts(this.#sentDrafts), calls, now: this.#now() });
  }

  #onWritten(reply: Written): void {
    const fromDraft = this.#answeredDrafts;
    const fromCall = this.#answeredCalls;
    const drafts = this.#sentDrafts;
    const calls = this.#sentCalls;
    this.#answeredDrafts += reply.stamps.length / STAMP_FIELDS;
    this.#answeredCalls += reply.results.length;
    this.#answerDrafts(reply, drafts, fromDraft);
    for (const [i, result] of reply.results.entries()) answerCall(calls[fromCall + i], result);
    if (!reply.isLast) return;
    this.#isBusy = false;
    // A turn later, so that those who were just answered and go on share the next commit: fewer and larger
    // commits leave more of the processor than an earlier start of the next one gains.
    if (this.#drafts.length + this.#calls.length > 0) this.#sendSoon();
  }

  #onForeign({ rows, changes }: Extract<WriterReply, { type: "foreign" }>): void {
    const told = new ChangeTeller(this.#state, changes);
    for (const [i, entry] of decodeEntries(rows).entries()) {
      told.tell(i, entry);
      this.#deliver(entry);
    }
  }

  #answerDrafts(reply: Written, drafts: PendingDraft[], from: number): void {
    const { stamps, known, failures, changes } = reply;
    const told = new ChangeTeller(this.#state, changes);
    let knownAt = 0;
    let failed = 0;
    for (let at = 0, i = from; at < stamps.length; at += STAMP_FIELDS, i += 1) {
      const pending = drafts[i];
      if (pending === undefined) return;
      const offset = stamps[at] ?? 0;
      if (offset > 0) {
        const [previous = 0, time = 0, tick = 0] = [stamps[at + 1], stamps[at + 2], stamps[at + 3]];
        const entry = createLogEntry(pending.draft, offset, previous, time, tick);
        told.tell(i - from, entry);
        this.#deliver(entry);
        pending.resolve({ entry, isNew: true });
      } else if (offset < 0) {
        pending.resolve({ entry: decodeEntry(known, knownAt), isNew: false });
        knownAt += ROW_FIELDS.length;
      } else {
        const failure = failures[failed];
        if (failure !== undefined) pending.reject(toError(failure));
        failed += 1;
      }
    }
  }

  #die(error: AnywireError): void {
    this.#death = error;
    const waiting = [...this.#sentDrafts, ...this.#drafts, ...this.#sentCalls, ...this.#calls];
    // Those already answered are settled and stay so.
    for (const { reject } of waiting) reject(error);
    this.#sentDrafts = [];
    this.#drafts = [];
    this.#sentCalls = [];
    this.#calls = [];
  }
}

function encodeDrafts(pending: readonly PendingDraft[]): (string | null)[] {
  const values = new Array<string | null>(pending.length * DRAFT_FIELDS);
  let at = 0;
  for (const { draft } of pending) {
    values[at] = draft.channel;
    values[at + 1] = draft.id;
    values[at + 2] = draft.kind;
    values[at + 3] = draft.sender;
    values[at + 4] = draft.client ?? null;
    values[at + 5] = draft.dataJson;
    values[at + 6] = draft.trace === undefined ? null : JSON.stringify(draft.trace);
    at += DRAFT_FIELDS;
  }
  return values;
}

function answerCall(pending: PendingCall | undefined, result: CallResult): void {
  if (result.isDone) pending?.resolve(result.value);
  else pending?.reject(toError(result.failure));
}
