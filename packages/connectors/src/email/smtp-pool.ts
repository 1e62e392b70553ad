import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type SMTPConnection from "nodemailer/lib/smtp-connection";
import { domainOf, type EmailContext } from "./email-settings.ts";

/** What became of a mail on its way to the server. */
export type Transmission =
  | { readonly outcome: "accepted"; readonly serverMessageId?: string }
  /** It surely was not taken: the server said so, or the mail had not come to its end. */
  | { readonly outcome: "refused"; readonly error: SmtpError }
  /** All of it was sent, and no answer came. */
  | { readonly outcome: "lost"; readonly error: SmtpError };

/** What went wrong in an SMTP session. */
export type SmtpError = SMTPConnection.SMTPError;

/** Long enough for a slow server, short enough to sign in once for many mails. */
const IDLE_MS = 5_000;
const CONNECT_TIMEOUT_MS = 15_000;

interface Envelope {
  readonly from: string;
  readonly to: string;
}

const pools = new Map<string, SmtpPool>();

/** The sessions to a connection's server. Those that are idle close by themselves, so nobody has to close them. */
export function smtpPoolOf(context: EmailContext): SmtpPool {
  const key = keyOf(context);
  const known = pools.get(key);
  if (known !== undefined) return known;
  const pool = new SmtpPool(context, () => pools.delete(key));
  pools.set(key, pool);
  return pool;
}

/** Other settings or another password are another pool. The key is a hash: the password must not lie around in it. */
function keyOf({ id, settings, secrets }: EmailContext): string {
  const parts = JSON.stringify([id, settings.smtp, domainOf(settings), secrets["password"]?.[0]]);
  return createHash("sha256").update(parts).digest("hex");
}

/** Sessions to one mail server, used one mail after the other. */
export class SmtpPool {
  readonly #context: EmailContext;
  readonly #onEmpty: () => void;
  readonly #idle: { readonly session: SMTPConnection; readonly timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(context: EmailContext, onEmpty: () => void) {
    this.#context = context;
    this.#onEmpty = onEmpty;
  }

  /** How many sessions there are. */
  get open(): number {
    return this.#open;
  }

  /** Hands one mail over, once. */
  async send(envelope: Envelope, raw: Readable, signal: AbortSignal): Promise<Transmission> {
    let session: SMTPConnection | undefined;
    try {
      session = await this.#take(signal);
      const taken = await transmit(session, envelope, raw, signal);
      this.#giveBack(session, taken.outcome !== "lost" && isUsable(session));
      return taken;
    } catch (error) {
      if (session !== undefined) this.#giveBack(session, false);
      // Whoever gave up may have been called already: the turn goes to the next.
      else this.#waiting.shift()?.();
      return { outcome: "refused", error: error as SmtpError };
    } finally {
      raw.destroy();
    }
  }

  /** Connects and signs in, and sends nothing. @throws {SmtpError} when that fails */
  async check(signal: AbortSignal): Promise<void> {
    this.#giveBack(await this.#take(signal), true);
  }

  async #take(signal: AbortSignal): Promise<SMTPConnection> {
    for (;;) {
      signal.throwIfAborted();
      const idle = this.#idle.pop();
      if (idle !== undefined) {
        clearTimeout(idle.timer);
        if (await isAlive(idle.session, signal)) return idle.session;
        this.#closed(idle.session);
      } else if (this.#open < this.#context.settings.smtp.maxConnections) {
        this.#open += 1;
        try {
          return await connect(this.#context, signal);
        } catch (error) {
          this.#closed(undefined);
          throw error;
        }
      } else {
        await this.#turn(signal);
      }
    }
  }

  /** Resolves when a session was given back. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal.reason);
      };
      const go = (): void => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      this.#waiting.push(go);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  #giveBack(session: SMTPConnection, isReusable: boolean): void {
    if (!isReusable) {
      this.#closed(session);
      return;
    }
    // What is idle keeps no process alive.
    socketOf(session)?.unref();
    const timer = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      session.quit();
      this.#closed(undefined);
    }, IDLE_MS).unref();
    const idle = { session, timer };
    this.#idle.push(idle);
    this.#waiting.shift()?.();
  }

  #closed(session: SMTPConnection | undefined): void {
    session?.close();
    this.#open -= 1;
    this.#waiting.shift()?.();
    if (this.#open === 0) this.#onEmpty();
  }
}

/** Connects and signs in. */
async function connect(context: EmailContext, signal: AbortSignal): Promise<SMTPConnection> {
  const { settings, secrets } = context;
  const { host, port, isSecure, requireTls, user } = settings.smtp;
  const { default: Connection } = await import("nodemailer/lib/smtp-connection");
  const session = new Connection({
    host,
    port,
    secure: isSecure,
    requireTLS: requireTls,
    name: domainOf(settings),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    logger: false,
  });
  // Without a listener an error of an idle session would end the process.
  session.on("error", () => undefined);
  try {
    await step(session, signal, (done) => session.connect(done));
    if (user !== undefined) {
      const pass = secrets["password"]?.[0] ?? "";
      await step(session, signal, (done) => session.login({ credentials: { user, pass } }, done));
    }
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

/** Whether the server still listens: it may have ended the session while nobody looked. */
async function isAlive(session: SMTPConnection, signal: AbortSignal): Promise<boolean> {
  if (!isUsable(session)) return false;
  socketOf(session)?.ref();
  try {
    await step(session, signal, (done) => session.reset(done));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function isUsable(session: SMTPConnection): boolean {
  return socketOf(session)?.writable === true;
}

/** Undefined once it is closed. */
function socketOf({ _socket: socket }: SMTPConnection): Socket | undefined {
  return socket || undefined;
}

/** One step of a session; rejects when it fails, the session ends, or the signal aborts. */
function step(
  session: SMTPConnection,
  signal: AbortSignal,
  begin: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => {
      session.off("error", settle).off("end", onEnd);
      signal.removeEventListener("abort", onAbort);
      if (error === undefined || error === null) resolve();
      else reject(error);
    };
    const onEnd = (): void => settle(new Error("the server closed the connection"));
    const onAbort = (): void => settle(new Error("it took too long"));
    session.on("error", settle).on("end", onEnd);
    signal.addEventListener("abort", onAbort, { once: true });
    begin(settle);
  });
}

/**
 * Sends the mail. Before its last line, a dot, the server has nothing that it may deliver; after it only the server's answer tells.
 * @see https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4
 */
async function transmit(
  session: SMTPConnection,
  envelope: Envelope,
  raw: Readable,
  signal: AbortSignal,
): Promise<Transmission> {
  let info: SMTPConnection.SentMessageInfo | undefined;
  let wasSent = false;
  // An attachment broke off while the mail waited for its turn: it would never come to its end.
  if (raw.destroyed) return { outcome: "refused", error: raw.errored ?? new Error("broken off") };
  raw.once("end", () => {
    wasSent = true;
  });
  try {
    await step(session, signal, (done) => {
      session.send({ from: envelope.from, to: [envelope.to] }, raw, (error, sent) => {
        info = sent;
        done(error);
      });
    });
    const serverMessageId = info?.serverMessageId;
    return {
      outcome: "accepted",
      ...(serverMessageId === undefined ? {} : { serverMessageId }),
    };
  } catch (thrown) {
    const error = thrown as SmtpError;
    const isLost = wasSent && error.responseCode === undefined;
    // In the middle of a mail the next command would be taken for its text.
    if (isLost || error.responseCode === undefined) session.close();
    return { outcome: isLost ? "lost" : "refused", error };
  }
}
