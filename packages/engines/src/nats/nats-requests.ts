import { AnywireError } from "@anywire/types";
import type { Msg, MsgHdrs, NatsConnection, PublishOptions } from "@nats-io/transport-node";
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

/** Waits for nothing. */
const NOBODY: Asker = { take: () => true, lose: () => {} };

/** What is sent, and who waits for the answer. */
interface Message {
  readonly subject: string;
  readonly header: string | null;
  readonly data: Uint8Array;
  readonly asker: Asker;
  /** Ends the subject of its answers; `0` when none is wanted. */
  readonly token: number;
  readonly timeoutMs: number;
  /** In the time of `performance.now`; without end until it is sent. */
  deadline: number;
}

/**
 * Requests to a server over one inbox. Does what the client library's `request` does without a timer, a stack trace and
 * three promises for each, and takes answers of many messages. A connection that broke ends all requests under way.
 *
 * What one turn of the event loop sends goes to the socket in one piece at its end, in the order in which it was given.
 */
export class NatsRequests {
  readonly #link: NatsLink;
  /** Requests without an answer, by token. */
  readonly #waiting = new Map<number, Message>();
  readonly #reconnects = new Set<() => void>();
  /** What goes out at the end of this turn of the event loop. */
  #pending: Message[] = [];
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
    const token = this.#count;
    const deadline = Number.POSITIVE_INFINITY;
    const message = { subject, header, data, asker, token, timeoutMs, deadline };
    this.#waiting.set(token, message);
    this.#enqueue(message);
  }

  /**
   * Sends without waiting for an answer, or for whether it could be sent.
   * @throws {AnywireError} `unavailable` when closed
   */
  tell(subject: string, header: string | null, data: Uint8Array): void {
    if (this.isClosed) throw closed();
    this.#enqueue({ subject, header, data, asker: NOBODY, token: 0, timeoutMs: 0, deadline: 0 });
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
  #enqueue(message: Message): void {
    if (this.#pending.length === 0) setImmediate(() => this.#sendPending());
    this.#pending.push(message);
  }

  #sendPending(): void {
    const pending = this.#pending;
    this.#pending = [];
    const now = performance.now();
    for (const message of pending) this.#send(message, now);
  }

  #send(message: Message, now: number): void {
    const { subject, header, data, asker, token, timeoutMs } = message;
    const options: PublishOptions = {};
    if (token !== 0) options.reply = this.#inbox + token;
    if (header !== null) options.headers = rawHeader(header);
    try {
      this.#connection?.publish(subject, data, options);
      message.deadline = now + timeoutMs;
    } catch (error) {
      this.#waiting.delete(token);
      asker.lose(toLost(error));
    }
  }

  #onAnswer(answer: Msg): void {
    const token = Number(answer.subject.slice(this.#inbox.length));
    const message = this.#waiting.get(token);
    if (message === undefined) return;
    if (message.asker.take(answer)) this.#waiting.delete(token);
    else message.deadline = performance.now() + message.timeoutMs;
  }

  /** After a long turn of the event loop answers can lie unread: they are read before it is judged who is late. */
  #lookForLate(): void {
    const now = performance.now();
    setImmediate(() => this.#endLate(now));
  }

  #endLate(now: number): void {
    for (const { asker, token, subject, deadline } of this.#waiting.values()) {
      if (deadline > now) continue;
      this.#waiting.delete(token);
      asker.lose(noAnswer(subject));
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
