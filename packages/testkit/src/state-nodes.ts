import {
  type EntryDraft,
  type Listening,
  type Log,
  Projector,
  type StateChange,
  type StateFreshness,
  type StateItem,
  type StateStore,
} from "@anywire/core";
import type { DomainKind, EntryData } from "@anywire/types";
import { expect } from "vitest";

/** A log and the state that follows from it, as one node of a backend has them. */
export interface StateNode {
  readonly log: Log;
  readonly state: StateStore;
}

/** One backend, empty at the start of each test, that several nodes can join. */
export interface StateBackend {
  /** A new node on this backend, not started. */
  createNode(): StateNode;
  /** Called after each test, once its nodes are closed. */
  dispose?(): Promise<void>;
}

/** Two channels, and the notification channel of somebody who takes part in them. */
export const ROOM = "production.group.room";
export const HALL = "production.group.hall";
export const ANN = "production.notification.ann";

/** A value of the state with fields to look at. */
export type Document = Readonly<Record<string, unknown>>;

/** What a watcher was told. */
export interface Watched {
  readonly changes: readonly StateChange[];
  /** How often it was told that changes may have been lost. */
  readonly missed: number;
  readonly listening: Listening;
  /** Ends of what it follows, in the order of the patterns. */
  readonly ends: readonly (() => void)[];
}

/** The nodes of one test. Where the state is not written with the log, each of them projects it. */
export class StateNodes {
  readonly #backend: StateBackend;
  readonly #nodes: StateNode[] = [];
  readonly #projectors = new Map<StateNode, () => Promise<void>>();
  #ids = 0;

  constructor(backend: StateBackend) {
    this.#backend = backend;
  }

  /** A node that has not been started. */
  create(): StateNode {
    return this.#backend.createNode();
  }

  /** A started node. */
  async join(): Promise<StateNode> {
    const node = this.create();
    this.#nodes.push(node);
    await node.log.start();
    await node.state.start();
    if (!node.state.capabilities.isWrittenWithLog) this.#projectors.set(node, project(node));
    return node;
  }

  /** Closes a node. */
  async leave(node: StateNode): Promise<void> {
    await this.stopProjecting(node);
    await node.state.close();
    await node.log.close();
  }

  /** Leaves projecting to the other nodes. */
  async stopProjecting(node: StateNode): Promise<void> {
    await this.#projectors.get(node)?.();
  }

  /** An entry of the messaging model with a new id. */
  draft<K extends DomainKind>(
    channel: string,
    kind: K,
    data: EntryData<K>,
    sender = "account:ann",
  ): EntryDraft {
    this.#ids += 1;
    return { channel, id: `id-${this.#ids}`, kind, sender, dataJson: JSON.stringify(data) };
  }

  /** A message with a new id. */
  message(channel: string, text: string, sender = "account:ann"): EntryDraft {
    this.#ids += 1;
    const dataJson = JSON.stringify({ text });
    return { channel, id: `m-${this.#ids}`, kind: "message", sender, dataJson };
  }

  /** Opens a group. */
  opened(channel: string, ...accounts: string[]): EntryDraft {
    return this.draft(channel, "opened", {
      type: "group",
      title: channel,
      avatarUrl: null,
      connection: null,
      history: "all",
      meta: {},
      participants: accounts.map((id) => ({ address: `account:${id}`, role: "owner" as const })),
      isFixed: false,
    });
  }

  /** Closes every node and the backend. */
  async dispose(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.leave(node)));
    await this.#backend.dispose?.();
  }
}

/** As fresh as the log: what another node has appended is read as well. */
export async function now({ log }: StateNode): Promise<StateFreshness> {
  return { atLeast: await log.head(">") };
}

/** The document of a channel, with all that was appended. */
export async function channelOf(node: StateNode, name: string): Promise<Document> {
  const addresses = [{ partition: name, sort: "channel" }];
  const { values } = await node.state.get(addresses, await now(node));
  return values[0] as Document;
}

/** The whole state, with all that was appended. */
export async function dumpAll(node: StateNode): Promise<StateItem[]> {
  const { state } = node;
  await state.get([], await now(node));
  const items: StateItem[] = [];
  for (;;) {
    const page = await state.dump(items.at(-1), 7);
    if (page.length === 0) return items;
    items.push(...page);
  }
}

/** Follows patterns on a node. */
export async function watch({ state }: StateNode, ...patterns: string[]): Promise<Watched> {
  const changes: StateChange[] = [];
  const watched = { changes, missed: 0 };
  const listening = state.watch({
    onChange: (change) => changes.push(change),
    onMissed: () => {
      watched.missed += 1;
    },
  });
  const ends = await Promise.all(patterns.map((pattern) => listening.follow(pattern)));
  return Object.assign(watched, { listening, ends });
}

/** Offsets of what a watcher was told. */
export function offsetsOf({ changes }: Watched): number[] {
  return changes.map(({ entry }) => entry.offset);
}

/** Projects the log on a node. Returns what stops it. */
function project({ log, state }: StateNode): () => Promise<void> {
  const abort = new AbortController();
  const failures: unknown[] = [];
  const onError = (error: unknown): void => void failures.push(error);
  const running = new Projector({ log, state, onError }).run(abort.signal);
  return async () => {
    abort.abort();
    await running;
    expect(failures).toEqual([]);
  };
}
