import type { ChannelInfo, SentMessage } from "@anywire/types";
import { expect, vi } from "vitest";
import { Inbox } from "../support/inbox.ts";
import {
  connectSdk,
  DIALECTS,
  type Reachable,
  type SdkClient,
  type SdkClientOptions,
  type SdkSubscription,
  subscribeSdk,
} from "../support/sdk-client.ts";
import type { Cluster, Witness } from "./cluster.ts";
import { assertStateFollows, readEntries } from "./state-of-log.ts";
import { type StubbornPublisher, startStubbornPublisher } from "./stubborn-publisher.ts";

/** Clients that leave the processor to a node while it starts. */
const PATIENT = { timeout: 5000, minReconnectDelay: 50, maxReconnectDelay: 300 };
/** What takes its time on a machine that is busy with other tests. */
export const EVENTUALLY = { timeout: 60_000, interval: 50 };
/** The server's `internal` and `unavailable`: may be asked again. */
const MAY_BE_ASKED_AGAIN: readonly number[] = [100, 503];
/** Few and with pauses, so that the state can keep pace on a machine with two processors. */
const PACE = { inFlight: 2, pauseMs: 20 };

/** Where an entry lies: what acknowledgement, log and subscriber have to agree on. */
type Place = readonly [offset: number, id: string];

/** What is said and heard on one channel, on several nodes at once. */
export interface Load {
  readonly channel: string;
  readonly acknowledged: Inbox<SentMessage>;
  /** The longest time that one publisher was without an acknowledgement so far, ms. */
  readonly longestGapMs: number;
  /** Resolves when so many more are acknowledged. */
  more(count: number): Promise<void>;
  /** Says nothing more; resolves when all that was begun is acknowledged, with how often something was sent again. */
  stop(): Promise<number>;
  /** The subscriptions, each with all that it heard. */
  readonly subscriptions: readonly SdkSubscription[];
  /** Who publishes. */
  readonly clients: readonly SdkClient[];
}

/** Opens a channel and has two publish and two listen on each node, each by a dialect of its own. */
export async function startLoad(
  cluster: Pick<Cluster, "token">,
  nodes: readonly Reachable[],
): Promise<Load> {
  let count = 0;
  const connect = (node: Reachable, options: SdkClientOptions): Promise<SdkClient> => {
    const dialect = DIALECTS[count % DIALECTS.length];
    count += 1;
    return connectSdk(node, { ...PATIENT, ...(dialect && { dialect }), ...options });
  };
  const names = nodes.flatMap((_, i) => [`publisher-${i}-a`, `publisher-${i}-b`]);
  const [first] = nodes;
  if (first === undefined) throw new Error("load needs a node");
  const channel = await openChannel(cluster, first, names);
  const subscriptions = await Promise.all(
    nodes.flatMap((node, i) =>
      [channel, "production.group.*"].map(async (pattern) =>
        subscribeSdk(await connect(node, { account: `listener-${i}` }), pattern),
      ),
    ),
  );
  const clients = await Promise.all(
    names.map((account, i) => connect(nodes[Math.floor(i / 2)] ?? first, { account })),
  );
  return new ChannelLoad(channel, subscriptions, names, clients);
}

class ChannelLoad implements Load {
  readonly channel: string;
  readonly subscriptions: readonly SdkSubscription[];
  readonly clients: readonly SdkClient[];
  readonly acknowledged = new Inbox<SentMessage>("acknowledgements");
  readonly #publishers: readonly StubbornPublisher[];
  /** By publisher, when it was acknowledged something last. */
  readonly #lastAt = new Map<string, number>();
  #longestGapMs = 0;

  constructor(
    channel: string,
    subscriptions: readonly SdkSubscription[],
    names: readonly string[],
    clients: readonly SdkClient[],
  ) {
    this.channel = channel;
    this.subscriptions = subscriptions;
    this.clients = clients;
    const options = { ...PACE, passing: MAY_BE_ASKED_AGAIN };
    this.#publishers = clients.map((client, i) =>
      startStubbornPublisher(names[i] ?? "", client, channel, this, options),
    );
  }

  get longestGapMs(): number {
    return Math.round(this.#longestGapMs);
  }

  push(sent: SentMessage): void {
    const now = performance.now();
    const publisher = sent.id.slice(0, sent.id.lastIndexOf("-"));
    this.#longestGapMs = Math.max(this.#longestGapMs, now - (this.#lastAt.get(publisher) ?? now));
    this.#lastAt.set(publisher, now);
    this.acknowledged.push(sent);
  }

  async more(count: number): Promise<void> {
    const enough = this.acknowledged.items.length + count;
    await vi.waitFor(
      () => expect(this.acknowledged.items.length).toBeGreaterThanOrEqual(enough),
      EVENTUALLY,
    );
  }

  async stop(): Promise<number> {
    const resent = await Promise.all(this.#publishers.map((publisher) => publisher.stop()));
    return resent.reduce((sum, one) => sum + one, 0);
  }
}

/** A channel that takes part in the state: every message changes that, too. */
async function openChannel(
  cluster: Pick<Cluster, "token">,
  node: Reachable,
  names: readonly string[],
): Promise<string> {
  const manage = ["production.>", "production.notification.*"];
  const token = await cluster.token("operator", { manage });
  const operator = await connectSdk(node, { token });
  const call = async (method: string, request: object): Promise<unknown> =>
    (await operator.centrifuge.rpc(method, operator.pack(request))).data;
  for (const id of names) await call("account.save", { id });
  const participants = names.map((id) => `account:${id}`);
  const { channel } = (await call("channel.open", { type: "group", participants })) as ChannelInfo;
  operator.centrifuge.disconnect();
  return channel;
}

/** What a fault did to what was said. */
export interface Damage {
  readonly acknowledged: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly missing: number;
  readonly items: number;
}

/**
 * Asserts, of load that was stopped, that every acknowledged message is in the log once, at the place that was
 * acknowledged; that every subscriber has heard all of them in order, each once; and that the state is what follows
 * from the log.
 */
export async function assertUndamaged(witness: Witness, load: Load): Promise<Damage> {
  const { acknowledged, channel, subscriptions } = load;
  const entries = await readEntries(witness, channel);
  const messages = entries.filter(({ kind }) => kind === "message");
  const stored = messages.map(({ offset, id }): Place => [offset, id]);
  const promised = acknowledged.items
    .map(({ offset, id }): Place => [offset, id])
    .sort(([a], [b]) => a - b);
  expect(stored).toEqual(promised);
  const ids = new Set(stored.map(([, id]) => id));
  expect(ids.size).toBe(stored.length);
  for (const { publications } of subscriptions) {
    // What was recovered and what is live: messages only, since others of the channel's entries came before.
    await vi.waitFor(
      () => expect(placesHeard(publications, ids).length).toBeGreaterThanOrEqual(stored.length),
      EVENTUALLY,
    );
    expect(placesHeard(publications, ids)).toEqual(stored);
  }
  const items = await assertStateFollows(witness);
  const duplicates = stored.length - ids.size;
  const missing = promised.filter(([, id]) => !ids.has(id)).length;
  return { acknowledged: promised.length, stored: stored.length, duplicates, missing, items };
}

function placesHeard(
  publications: SdkSubscription["publications"],
  ids: ReadonlySet<string>,
): Place[] {
  return publications.items
    .map(({ offset, tags }): Place => [offset ?? 0, tags?.["id"] ?? ""])
    .filter(([, id]) => ids.has(id));
}

/** Prints what a test of faults counted, in one line. */
export function report(fault: string, counts: Readonly<Record<string, number | string>>): void {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  console.log(`${fault}: ${parts.join(", ")}`);
}
