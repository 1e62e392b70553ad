import type { Broadcast, Principal, Subscriber, Subscription } from "@anywire/core";
import {
  AnywireError,
  DISCONNECTS,
  type DisconnectReason,
  ERRORS,
  toAnywireError,
  UNSUBSCRIBES,
  type UnsubscribeReason,
} from "@anywire/types";
import type { Batch } from "./batch.ts";
import { Behind } from "./behind.ts";
import { CommandBudget } from "./command-budget.ts";
import { COMMANDS } from "./commands/registry.ts";
import type { Edge } from "./edge.ts";
import type { Codec, Command, Incoming, Message, WireObject } from "./protocol.ts";
import { ReadLane } from "./read-lane.ts";
import type { Transport } from "./transport.ts";
import type { Flushable } from "./turn.ts";
import type { Wakeable } from "./wheel.ts";

/** How long after a token or subscription token ran out the client may take to bring a new one. */
const EXPIRED_GRACE_MS = 25_000;

/** One channel or pattern that a session is subscribed to. */
export interface SessionSubscription {
  /** Null while the subscription is being made. */
  subscription: Subscription | null;
  /** Whether presence was told of it. */
  isPresent: boolean;
  /** Whether the server subscribed it, not the client. */
  readonly isServerSide: boolean;
  /** When its own token runs out, milliseconds since the Unix epoch; `Infinity` for never. */
  expiresAt: number;
  /** Whether a subscription token allowed it, whatever the connection's token says. */
  readonly hasOwnToken: boolean;
}

/** One client's connection: reads its commands, queues what it is to be told, and knows when it is gone. */
export class Session implements Subscriber, Flushable, Wakeable {
  readonly id: string = crypto.randomUUID();
  readonly edge: Edge;
  readonly codec: Codec;
  readonly transport: Transport;
  /** What commands that come by `/emulation` name it by: a secret, unlike `id`, which everyone on a channel sees. */
  readonly emulationKey: string | undefined;
  readonly subscriptions = new Map<string, SessionSubscription>();
  isFull = false;
  #principal: Principal | null = null;
  /** Settles when the connect command is done; commands that came with it wait for that. */
  #connecting: Promise<void> | null = null;
  #isClosed = false;
  #batch: Batch;
  #isWaitingForTurn = false;
  #behind: Behind | null = null;
  #fullSince = 0;
  readonly #budget: CommandBudget;
  #reads: ReadLane | null = null;
  #wakeAt: number;
  #pingAt = Number.POSITIVE_INFINITY;
  /** When the client must have answered the last ping; `Infinity` when it has. */
  #pongBy = Number.POSITIVE_INFINITY;

  constructor(edge: Edge, codec: Codec, transport: Transport) {
    this.edge = edge;
    this.codec = codec;
    this.transport = transport;
    this.emulationKey = transport.isEmulated ? crypto.randomUUID() : undefined;
    this.#batch = edge.emptyBatch(codec);
    const now = edge.wheel.now();
    this.#budget = new CommandBudget(edge.socket, now);
    this.#wakeAt = now + edge.socket.connectTimeoutMs;
    edge.wheel.schedule(this.#wakeAt, this);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isConnected(): boolean {
    return this.#principal !== null;
  }

  /**
   * Who is connected.
   * @throws {AnywireError} `unauthenticated` before the connect command is done.
   */
  get principal(): Principal {
    if (this.#principal === null) throw new AnywireError("unauthenticated", "connect first");
    return this.#principal;
  }

  /** Whether it is a device of the account that has this notification channel. */
  isOf(notificationChannel: string): boolean {
    return this.subscriptions.get(notificationChannel)?.isServerSide === true;
  }

  /** The account is known from now on, or known anew after a refresh. */
  identify(principal: Principal): void {
    if (this.#principal === null) {
      const { pingIntervalMs } = this.edge.socket;
      // Spread, so that clients who came back together are not pinged together for ever.
      this.#pingAt = this.edge.wheel.now() + pingIntervalMs * (0.5 + Math.random() / 2);
      this.#wakeBy(this.#pingAt);
    }
    this.#principal = principal;
    this.expireAt(principal.expiresAt);
  }

  /** Has the session look after something that runs out at a time of the wall clock. */
  expireAt(expiresAt: number): void {
    if (expiresAt !== Number.POSITIVE_INFINITY) this.#wakeBy(this.#onWheel(expiresAt));
  }

  /** Takes in a frame from the client. */
  receive(frame: Uint8Array): void {
    if (this.#isClosed) return;
    this.#pongBy = Number.POSITIVE_INFINITY;
    let incoming: Incoming[];
    try {
      incoming = this.codec.decode(frame);
    } catch (error) {
      this.edge.logger.debug({ session: this.id, err: error }, "unreadable frame");
      this.disconnect("bad_request");
      return;
    }
    for (const command of incoming) if (command !== null) this.#take(command);
  }

  /** Answers a command. */
  reply({ id, method }: Command, result: WireObject): void {
    if (id !== 0) this.send(this.codec.reply(id, method, result));
  }

  /** Queues a message for this client alone. */
  send(message: Message): void {
    if (this.#isClosed) return;
    this.#queue(this.#batch.withOwn(message));
  }

  /**
   * Runs a read whose answer is large: one at a time, and none before the client has taken what it was sent.
   * @throws {AnywireError} `unavailable` when the client is gone, and what the read throws.
   */
  read<T>(read: () => Promise<T>): Promise<T> {
    this.#reads ??= new ReadLane(() => !this.isFull || this.#isClosed);
    return this.#reads.run(() => {
      if (this.#isClosed) throw new AnywireError("unavailable", "the connection is closed");
      return read();
    });
  }

  enqueue(broadcast: Broadcast): void {
    this.#queue(this.#batch.with(broadcast));
  }

  enqueueAll(broadcasts: readonly Broadcast[]): void {
    this.#queue(this.#batch.withAll(broadcasts));
  }

  /** Has a new subscription get what came after its answer, and then everything as it comes. */
  begin(subscription: Subscription): void {
    // From now on, and not when it is its turn to be caught up: the client may have asked who is there by then.
    subscription.hasBegun = true;
    this.fellBehind(subscription);
    void this.#catchUp();
  }

  fellBehind(subscription: Subscription): void {
    this.#behind ??= new Behind();
    this.#behind.add(subscription);
  }

  stalled(subscription: Subscription, cause: unknown): void {
    // Sent away, it would come back to the same, and could say nothing meanwhile.
    this.edge.logger.warn({ channel: subscription.topic.name, err: cause }, "can't catch up yet");
    this.#behind ??= new Behind();
    this.#behind.stall(subscription, this.edge.wheel.now());
    this.#wakeBy(this.#behind.readAgainAt);
  }

  lost(subscription: Subscription, cause: unknown): void {
    this.edge.logger.warn({ channel: subscription.topic.name, err: cause }, "could not catch up");
    const { name } = subscription.topic;
    // Without its notification channel a connection is of no use.
    if (this.subscriptions.get(name)?.isServerSide === true) this.disconnect("insufficient_state");
    else this.endSubscription(name, "insufficient_state");
  }

  missedJoins(subscription: Subscription): void {
    this.endSubscription(subscription.topic.name, "insufficient_state");
  }

  flush(): void {
    this.#isWaitingForTurn = false;
    const batch = this.#batch;
    this.#batch = batch.empty;
    if (this.#isClosed || batch.isEmpty) return;
    const takesMore = this.transport.write(batch);
    if (takesMore) {
      // It was only full of what it had not written yet.
      if (this.isFull && this.#fullSince === 0) this.drained();
    } else if (this.#fullSince === 0) {
      this.isFull = true;
      this.#fullSince = this.edge.wheel.now();
      this.transport.pause();
    }
  }

  /** The socket takes more again: catches up what was missed meanwhile. */
  drained(): void {
    if (this.#isClosed) return;
    this.isFull = false;
    if (this.#fullSince !== 0) this.#readOn();
    this.#reads?.wake();
    void this.#catchUp();
  }

  #readOn(): void {
    this.#fullSince = 0;
    this.transport.resume();
    // An answer to the last ping could not be read meanwhile.
    if (this.#pongBy === Number.POSITIVE_INFINITY) return;
    this.#pongBy = this.edge.wheel.now() + this.edge.socket.pongTimeoutMs;
  }

  /** Ends a subscription and tells the client, who then stays out or subscribes again. */
  endSubscription(name: string, reason: UnsubscribeReason): void {
    if (!this.dropSubscription(name)) return;
    const { code, reason: text } = UNSUBSCRIBES[reason];
    this.send(this.codec.push(name, "unsubscribe", { code, reason: text }));
  }

  /** Ends a subscription without a word. Returns whether there was one. */
  dropSubscription(name: string): boolean {
    const held = this.subscriptions.get(name);
    if (held === undefined) return false;
    this.subscriptions.delete(name);
    if (held.subscription !== null) {
      this.#behind?.delete(held.subscription);
      this.edge.hub.unsubscribe(held.subscription);
    }
    if (held.isPresent) this.edge.leave(name, this);
    return true;
  }

  /** Ends the connection; the reason tells the client whether to come back. */
  disconnect(reason: DisconnectReason): void {
    if (this.#isClosed) return;
    this.flush();
    this.closed();
    this.transport.close(DISCONNECTS[reason]);
  }

  /** The connection is gone: lets go of everything. A second call is a no-op. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const name of [...this.subscriptions.keys()]) this.dropSubscription(name);
    this.#reads?.wake();
    this.edge.forget(this);
    if (this.#principal !== null) this.edge.depart(this);
  }

  wake(now: number): number {
    if (this.#isClosed || now < this.#wakeAt) return 0;
    if (this.#principal === null) {
      this.disconnect("stale");
      return 0;
    }
    if (this.#isStuck(now)) {
      this.closed();
      this.transport.terminate();
    } else if (this.#fullSince === 0 && now >= this.#pongBy) {
      this.disconnect("no_pong");
    } else {
      this.#dropExpired(Date.now());
    }
    if (this.#isClosed) return 0;
    if (now >= this.#pingAt) this.#ping(now);
    if (now >= this.#readAgainAt) {
      this.#behind?.readAgain();
      void this.#catchUp();
    }
    this.#wakeAt = Math.min(this.#pingAt, this.#pongBy, this.#readAgainAt, this.#nextExpiry());
    return this.#wakeAt;
  }

  /** Did not read at all for so long that a farewell would not be read either. */
  #isStuck(now: number): boolean {
    const { pingIntervalMs, pongTimeoutMs } = this.edge.socket;
    return this.#fullSince !== 0 && now - this.#fullSince > 2 * (pingIntervalMs + pongTimeoutMs);
  }

  #ping(now: number): void {
    const { pingIntervalMs, pongTimeoutMs } = this.edge.socket;
    this.#pingAt = now + pingIntervalMs;
    if (this.isFull) return;
    this.#pongBy = now + pongTimeoutMs;
    this.send(this.codec.ping);
  }

  #dropExpired(nowMs: number): void {
    if (this.principal.expiresAt + EXPIRED_GRACE_MS <= nowMs) {
      this.disconnect("expired");
      return;
    }
    for (const [name, { expiresAt }] of this.subscriptions) {
      if (expiresAt + EXPIRED_GRACE_MS <= nowMs) this.endSubscription(name, "expired");
    }
  }

  get #readAgainAt(): number {
    return this.#behind?.readAgainAt ?? Number.POSITIVE_INFINITY;
  }

  #nextExpiry(): number {
    let earliest = this.principal.expiresAt;
    for (const { expiresAt } of this.subscriptions.values()) {
      earliest = Math.min(earliest, expiresAt);
    }
    return this.#onWheel(earliest);
  }

  /** When something that runs out at a time of the wall clock has to be looked after, on the wheel's clock. */
  #onWheel(expiresAt: number): number {
    return this.edge.wheel.now() + (expiresAt + EXPIRED_GRACE_MS - Date.now());
  }

  #wakeBy(at: number): void {
    if (this.isConnected && at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.edge.wheel.schedule(at, this);
  }

  #waitForTurn(): void {
    if (this.#isWaitingForTurn) return;
    this.#isWaitingForTurn = true;
    this.edge.turn.add(this);
  }

  #queue(batch: Batch): void {
    this.#batch = batch;
    if (batch.isFull) this.isFull = true;
    this.#waitForTurn();
  }

  async #catchUp(): Promise<void> {
    await this.#behind?.catchUp(this.edge.hub, this);
    if (this.#behind?.isEmpty) this.#behind = null;
  }

  #take(command: Exclude<Incoming, null>): void {
    if (this.#isClosed) return;
    if (this.#connecting !== null) {
      void this.#connecting.then(() => this.#run(command));
    } else if (this.#principal === null && command.method !== "connect") {
      this.disconnect("bad_request");
    } else if (command.method === "connect") {
      this.#connecting = this.#run(command).finally(() => {
        this.#connecting = null;
      });
    } else {
      void this.#run(command);
    }
  }

  async #run(command: Exclude<Incoming, null>): Promise<void> {
    if (this.#isClosed) return;
    try {
      this.#budget.spend(this.edge.wheel.now());
      if (command.method === "unknown") {
        throw new AnywireError("method_not_found", "there is no such command; see the protocol");
      }
      await COMMANDS[command.method](this, command);
    } catch (error) {
      this.#refuse(command.id, error);
    }
  }

  #refuse(id: number, thrown: unknown): void {
    const { code, message, cause } = toAnywireError(thrown);
    if (code === "internal") this.edge.logger.error({ err: cause, session: this.id }, message);
    this.edge.countError(code);
    if (id !== 0) this.send(this.codec.error(id, ERRORS[code].socket, message, ERRORS[code].retry));
    // Other refusals have cost their share of the rate already; only who goes on beyond it is cut.
    if (code !== "rate_limited" || !this.#budget.overspend(this.edge.wheel.now())) return;
    this.disconnect("too_many_requests");
  }
}
