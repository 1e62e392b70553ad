import { holdLease, type LeaseHolder } from "@anywire/core";
import { AnywireError, type ConnectionHealth, toAnywireError } from "@anywire/types";
import { isListening, type Receiver } from "../../contract/abilities.ts";
import { accessKeyOf, cursorKey, type OpenConnection } from "../connections/connections.ts";
import { hideSecrets } from "../connections/hide-secrets.ts";
import type { InboundDesk } from "./inbound-desk.ts";
import type { WebhookDoor } from "./webhook-door.ts";

/** The longest wait before listening is begun again, ms. */
const MAX_PAUSE_MS = 60_000;
/** What goes wrong again and again is told so often, ms. */
const TELL_EVERY_MS = 60_000;

/** Listening to one connection, on the node of all that has the lease. */
interface Listener {
  /** What was known of the connection when it began. */
  readonly version: string;
  readonly access: string;
  readonly lease: LeaseHolder;
}

/** How listening to one connection goes, and what was told of it. */
interface Course {
  readonly connection: OpenConnection;
  isWell: boolean;
  /** Whether somebody was told that it is not. */
  isTold: boolean;
  toldAt: number;
}

/** Has connections listened to whose connectors do so by themselves, each by one node of all, for as long as it is enabled. */
export class Listeners {
  readonly #desk: InboundDesk;
  readonly #door: WebhookDoor;
  readonly #running = new Map<string, Listener>();
  readonly #health = new Map<string, ConnectionHealth>();
  readonly #end = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(desk: InboundDesk, door: WebhookDoor) {
    this.#desk = desk;
    this.#door = door;
  }

  /** Looks which connections there are, now and again and again. */
  start(): void {
    this.#watching = this.#watch();
  }

  /** How listening goes on this node; undefined where it does not. */
  health(id: string): ConnectionHealth | undefined {
    return this.#health.get(id);
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#watching;
    await Promise.all([...this.#running.keys()].map((id) => this.#stop(id)));
  }

  async #watch(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        await this.#sync();
      } catch (error) {
        this.#desk.options.onError(toAnywireError(error));
      }
      await pause(this.#desk.settings.watchMs, signal);
    }
  }

  async #sync(): Promise<void> {
    const { connections } = this.#desk.options;
    const wanted = new Map<string, string>();
    for (const document of await connections.list()) {
      if (document.isEnabled) wanted.set(document.id, JSON.stringify(document));
    }
    for (const [id, { version, access }] of this.#running) {
      if (wanted.get(id) !== version || !(await this.#isLetInBy(id, access))) await this.#stop(id);
    }
    for (const [id, version] of wanted) {
      if (!this.#running.has(id)) await this.#begin(id, version);
    }
  }

  /** Whether a connection's secrets are what they were: what is decided of a connection only has their names. */
  async #isLetInBy(id: string, access: string): Promise<boolean> {
    // What can't be read now says nothing.
    const connection = await this.#desk.options.connections.find(id).catch(() => undefined);
    return connection === undefined || accessKeyOf(connection) === access;
  }

  async #begin(id: string, version: string): Promise<void> {
    // Read anew: what is remembered may be from before the change that is the reason to begin.
    this.#desk.options.connections.forget(id);
    const connection = await this.#desk.options.connections.find(id).catch(() => undefined);
    if (connection === undefined || !isListening(connection.connector)) return;
    const { kv, onError } = this.#desk.options;
    const { leaseMs } = this.#desk.settings;
    const options = { name: `listen-${id}`, leaseMs, onError };
    const lease = holdLease(kv, options, (signal) => this.#listen(connection, signal));
    this.#running.set(id, { version, access: accessKeyOf(connection), lease });
  }

  async #stop(id: string): Promise<void> {
    const running = this.#running.get(id);
    this.#running.delete(id);
    await running?.lease.close();
    this.#health.delete(id);
  }

  /** Listens until the signal aborts, again after a failure, and rests longer each time. */
  async #listen(connection: OpenConnection, signal: AbortSignal): Promise<void> {
    const { minPauseMs, goodRunMs } = this.#desk.settings;
    const toldAt = Number.NEGATIVE_INFINITY;
    const course: Course = { connection, isWell: true, isTold: false, toldAt };
    this.#setHealth(connection, undefined, null);
    let pauseMs = minPauseMs;
    while (!signal.aborted) {
      const startedAt = this.#desk.now();
      const timer = setTimeout(() => this.#goesWell(course), goodRunMs);
      const error = await this.#listenOnce(course, signal);
      clearTimeout(timer);
      if (signal.aborted) break;
      pauseMs = this.#desk.now() - startedAt > goodRunMs ? minPauseMs : pauseMs;
      this.#setHealth(connection, error, this.#desk.now() + pauseMs);
      this.#goesWrong(course, error);
      await pause(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
    this.#health.delete(connection.document.id);
  }

  /** Why it ended. */
  async #listenOnce(course: Course, signal: AbortSignal): Promise<AnywireError> {
    const { connector, context } = course.connection;
    if (!isListening(connector)) return new AnywireError("unsupported", "it does not listen");
    try {
      await connector.listen(context, this.#receiverOf(course), signal);
      return new AnywireError("unavailable", "it ended by itself");
    } catch (thrown) {
      const error = toAnywireError(thrown);
      if (error.code !== "internal" || !(thrown instanceof Error)) return error;
      const words = hideSecrets(thrown.message, context);
      // A cause is logged with all it says.
      const cause = words === thrown.message ? { cause: thrown } : {};
      return new AnywireError("unavailable", words.slice(0, 300), cause);
    }
  }

  #receiverOf(course: Course): Receiver {
    const { kv } = this.#desk.options;
    const { connection } = course;
    const key = cursorKey(connection.document.id);
    return {
      receive: async (request) => {
        this.#goesWell(course);
        await this.#door.store(connection, request);
      },
      loadCursor: async () => (await kv.get(key))?.value,
      saveCursor: async (cursor) => {
        this.#goesWell(course);
        await kv.set(key, cursor);
      },
    };
  }

  /** Told when it begins, and now and then while it lasts: attempts are many. */
  #goesWrong(course: Course, error: AnywireError): void {
    course.isWell = false;
    const now = this.#desk.now();
    if (now - course.toldAt < TELL_EVERY_MS) return;
    course.isTold = true;
    course.toldAt = now;
    const { id: connection } = course.connection.document;
    const words = `connection ${connection}: listening ended, and is begun again and again: ${error.message}`;
    this.#desk.options.onError(
      new AnywireError(error.code, words, { cause: error.cause, details: { connection } }),
    );
  }

  #goesWell(course: Course): void {
    if (course.isWell) return;
    course.isWell = true;
    this.#setHealth(course.connection, undefined, null);
    if (!course.isTold) return;
    course.isTold = false;
    const { id } = course.connection.document;
    this.#desk.options.onRecovery?.(id, `connection ${id}: listening works again`);
  }

  #setHealth(
    { document }: OpenConnection,
    error: AnywireError | undefined,
    retryAt: number | null,
  ): void {
    const checkedAt = this.#desk.now();
    const reason = error === undefined ? null : `listening ended: ${error.message.slice(0, 400)}`;
    const state = error === undefined ? "ok" : "down";
    this.#health.set(document.id, { state, reason, humanAction: "none", retryAt, checkedAt });
  }
}

/** Resolves after that time, at once when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
