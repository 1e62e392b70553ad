import { AnywireError } from "@anywire/types";
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { noAnswer } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";

/** How often requests without an answer are looked for. */
const LOOK_EVERY_MS = 250;

/** Who waits for an answer. */
export interface Asker {
  /** Takes an answer, or a part of one; true when it was the last. Must not throw. */
  take(answer: Msg): boolean;
  /** Nothing more comes: what was asked may have been done or not. */
  lose(error: AnywireError): void;
}

interface Waiting {
  readonly asker: Asker;
  readonly what: string;
  /** In the time of `performance.now`; without end until it is sent. */
  deadline: number;
  readonly timeoutMs: number;
}

/** A message that goes out at the end of this turn of the event loop. */
interface Pending {
  readonly subject: string;
  readonly header: string | null;
  readonly data: Uint8Array;
  /** Of the request that it is; null for one without an answer. */
  readonly token: string | null;
}

/**
 * Requests to a server over one inbox. Does what the client library's `request` does without a timer, a stack trace and
 * three promises for each, and takes answers of many messages. A connection that broke ends all requests under way.
 *
 * What one turn of the event loop sends goes to the socket in one piece at its end, in the order in which it was given.
 */
export class NatsRequests {
  readonly #link: NatsLink;
  readonly #waiting = new Map<string, Waiting>();
  readonly #reconnects = new Set<() => void>();
  #pending: Pending[] = [];
  #connection: NatsConnection | null = null;
  #inbox = "";
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopReconnects: () => void = () => {};

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /** Whether nothing can be asked any more. */
  get isClosed(): boolean {
    return this.#connection === null;
  }

  /** Called once the link has started, before any other method. */
  open(): void {
    this.#connection = this.#link.connection;
    this.#inbox = `_INBOX.${crypto.randomUUID()}.`;
    this.#connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) this.#onAnswer(message);
      },
    });
    this.#timer = setInterval(() => this.#lookForLate(), LOOK_EVERY_MS);
    this.#stopReconnects = this.#link.onReconnect(() => this.#onReconnect());
  }

  /**
   * Asks. Answers that come in parts may take `timeoutMs` for each.
   *
   * @param header a whole header with its empty line, or null
   */
  ask(
    subject: string,
    header: string | null,
    data: Uint8Array,
    timeoutMs: number,
    asker: Asker,
  ): void {
    if (this.isClosed) return void asker.lose(closed());
    this.#count += 1;
    const token = this.#count.toString(36);
    const deadline = Number.POSITIVE_INFINITY;
    this.#waiting.set(token, { asker, what: subject, deadline, timeoutMs });
    this.#enqueue({ subject, header, data, token });
  }

  /**
   * Sends without waiting for an answer, or for whether it could be sent.
   * @throws {AnywireError} `unavailable` when closed
   */
  tell(subject: string, header: string | null, data: Uint8Array): void {
    if (this.isClosed) throw closed();
    this.#enqueue({ subject, header, data, token: null });
  }

  /** Resolves once the connection stands: with true, or with false after `timeoutMs`. */
  async connected(timeoutMs: number): Promise<boolean> {
    if (this.#link.isConnected) return true;
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => end(false), timeoutMs);
      const listener = (): void => end(true);
      const end = (isConnected: boolean): void => {
        clearTimeout(timer);
        this.#reconnects.delete(listener);
        resolve(isConnected);
      };
      this.#reconnects.add(listener);
    });
  }

  /** Sends what was given before, and ends all requests under way. */
  close(): void {
    clearInterval(this.#timer);
    this.#stopReconnects();
    this.#sendPending();
    this.#connection = null;
    this.#loseAll(closed());
  }

  /** The client library writes once for each turn of the microtasks; hundreds of messages come in one of the loop. */
  #enqueue(message: Pending): void {
    if (this.#pending.length === 0) setImmediate(() => this.#sendPending());
    this.#pending.push(message);
  }

  #sendPending(): void {
    const pending = this.#pending;
    this.#pending = [];
    const now = performance.now();
    for (const message of pending) this.#send(message, now);
  }

  #send({ subject, header, data, token }: Pending, now: number): void {
    const waiting = token === null ? undefined : this.#waiting.get(token);
    try {
      this.#connection?.publish(subject, data, {
        ...(token === null ? {} : { reply: this.#inbox + token }),
        ...(header === null ? {} : { headers: rawHeader(header) }),
      });
      if (waiting !== undefined) waiting.deadline = now + waiting.timeoutMs;
    } catch (error) {
      if (token !== null) this.#waiting.delete(token);
      waiting?.asker.lose(toLost(error));
    }
  }

  #onAnswer(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    if (waiting.asker.take(message)) this.#waiting.delete(token);
    else waiting.deadline = performance.now() + waiting.timeoutMs;
  }

  /** After a long turn of the event loop answers can lie unread: they are read before it is judged who is late. */
  #lookForLate(): void {
    const now = performance.now();
    setImmediate(() => this.#endLate(now));
  }

  #endLate(now: number): void {
    for (const [token, { asker, what, deadline }] of this.#waiting) {
      if (deadline > now) continue;
      this.#waiting.delete(token);
      asker.lose(noAnswer(what));
    }
  }

  #onReconnect(): void {
    this.#loseAll(new AnywireError("unavailable", "the connection to NATS broke; try again"));
    for (const listener of [...this.#reconnects]) listener();
  }

  #loseAll(error: AnywireError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#pending = [];
    for (const { asker } of waiting) asker.lose(error);
  }
}

/** The client library only encodes the headers that it is given, so that text will do, if it can encode itself. */
function rawHeader(text: string): MsgHdrs {
  const raw: Pick<MsgHdrs & { encode(): Uint8Array }, "encode"> = {
    encode: () => Buffer.from(text),
  };
  return raw as MsgHdrs & { encode(): Uint8Array };
}

function closed(): AnywireError {
  return new AnywireError("unavailable", "the log is closed");
}

function toLost(error: unknown): AnywireError {
  if (error instanceof AnywireError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new AnywireError("unavailable", `NATS could not be asked (${why})`, { cause: error });
}
