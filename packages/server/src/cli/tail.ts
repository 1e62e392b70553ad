import type { Entry, EntryKind } from "@anywire/types";
import { Centrifuge, errorCodes, type PublicationContext } from "centrifuge";
import { escapeControls } from "../escape-controls.ts";
import { CliError } from "./cli-error.ts";
import { createDeferred } from "./deferred.ts";
import { unreachable } from "./server-url.ts";
import type { Output, Terminal } from "./terminal.ts";

/** What to listen to. */
export interface TailOptions {
  readonly url: URL;
  readonly pattern: string;
  /** Begin after this offset. Default: with what comes next. */
  readonly since?: number;
  /** End after so many entries. Default: never. */
  readonly limit?: number;
  /** The line to print for an entry; undefined leaves it out. */
  readonly toLine: (entry: Entry) => string | undefined;
  readonly credentials: { readonly token: string } | { readonly getToken: () => Promise<string> };
}

/**
 * Prints entries as they come, until the limit is reached or a signal comes. A lost connection is taken up
 * again, and what was missed is printed.
 * @throws {CliError} when no server answers at the start, or when it refuses.
 */
export async function tail(terminal: Terminal, options: TailOptions): Promise<void> {
  const session = new TailSession(terminal, options);
  const ignore = terminal.onSignal(() => session.end());
  try {
    await session.run();
  } finally {
    ignore();
  }
}

class TailSession {
  readonly #options: TailOptions;
  readonly #out: Output;
  readonly #err: Output;
  readonly #client: Centrifuge;
  readonly #ended = createDeferred<void>();
  #wasConnected = false;
  #left: number;

  constructor({ out, err }: Terminal, options: TailOptions) {
    this.#options = options;
    this.#out = out;
    this.#err = err;
    this.#left = options.limit ?? Number.POSITIVE_INFINITY;
    hideLocalStorage();
    const socketUrl = new URL("/connection/websocket", options.url);
    socketUrl.protocol = options.url.protocol === "https:" ? "wss:" : "ws:";
    this.#client = new Centrifuge(socketUrl.href, { ...options.credentials, name: "anywire tail" });
  }

  async run(): Promise<void> {
    this.#watchConnection();
    this.#client.connect();
    try {
      await Promise.race([this.#subscribe(), this.#ended.promise]);
      await this.#ended.promise;
    } finally {
      this.#client.disconnect();
    }
  }

  end(): void {
    this.#ended.resolve();
  }

  #fail(error: CliError): void {
    this.#ended.reject(error);
  }

  #watchConnection(): void {
    this.#client
      .on("connected", () => {
        if (this.#wasConnected) this.#note("Connected again.");
        this.#wasConnected = true;
      })
      .on("connecting", () => {
        if (this.#wasConnected) this.#note("The connection is lost; connecting again …");
      })
      .on("error", ({ error }) => {
        if (this.#wasConnected) return;
        this.#fail(
          error.code === errorCodes.transportClosed
            ? unreachable(this.#options.url, error)
            : new CliError(`connecting failed: ${error.message}`),
        );
      })
      .on("disconnected", ({ reason }) => {
        this.#fail(new CliError(`the server ended the connection: ${reason}`));
      });
  }

  async #subscribe(): Promise<void> {
    const { pattern, since } = this.#options;
    const subscription = this.#client.newSubscription(pattern, {
      since: since === undefined ? null : { offset: since, epoch: await this.#epoch() },
    });
    subscription
      .on("publication", (publication) => this.#receive(publication))
      .on("subscribed", ({ wasRecovering, recovered }) => {
        if (!wasRecovering || recovered) return;
        this.#note(
          "What came before can't be given: the log was replaced, or does not reach so far.",
        );
      })
      .on("unsubscribed", ({ reason }) => {
        this.#fail(new CliError(`the server refused ${pattern}: ${reason}`));
      })
      .subscribe();
  }

  async #epoch(): Promise<string> {
    try {
      await this.#client.ready();
      return (await this.#client.history(this.#options.pattern, { limit: 0 })).epoch;
    } catch (error) {
      // The library rejects with plain objects.
      const { message } = Object(error) as { readonly message?: unknown };
      throw new CliError(`the server refused ${this.#options.pattern}: ${message}`, 1, {
        cause: error,
      });
    }
  }

  #receive(publication: PublicationContext): void {
    const entry = toEntry(publication);
    const line = entry === undefined ? undefined : this.#options.toLine(entry);
    if (line === undefined || this.#left === 0) return;
    this.#out.line(line);
    this.#left -= 1;
    if (this.#left === 0) this.end();
  }

  #note(text: string): void {
    this.#err.line(this.#err.paint("dim", text));
  }
}

/** The socket library looks there for a debug switch, and Node.js warns of it on the terminal. */
function hideLocalStorage(): void {
  Object.defineProperty(globalThis, "localStorage", { value: undefined, configurable: true });
}

/** The entry behind a publication; undefined for signals, which are not stored. */
function toEntry({
  channel,
  data,
  info,
  offset,
  tags = {},
}: PublicationContext): Entry | undefined {
  if (offset === undefined || offset === 0) return undefined;
  const { id = "", kind = "data", at, channel: realChannel } = tags;
  const user = info?.user ?? "";
  return {
    offset,
    id,
    kind: kind as EntryKind,
    channel: realChannel ?? channel,
    sender: user.includes(":") ? user : `account:${user}`,
    ...(info?.client ? { client: info.client } : {}),
    at: Number(at),
    data,
  };
}

/** `12:30:01  #12  production.group.lobby  account:bob  Hello`, on one line whatever is in it. */
export function formatEntry(
  { at, offset, channel = "", sender, data }: Entry,
  out: Output,
): string {
  const clock = new Date(at).toLocaleTimeString("en-GB");
  return [
    out.paint("dim", `${clock}  #${offset}`),
    out.paint("cyan", escapeControls(channel)),
    out.paint("bold", escapeControls(sender)),
    escapeControls(textOf(data)),
  ].join("  ");
}

/** What a message says, and whatever else it is as JSON. */
function textOf(data: unknown): string {
  const fields = Object(data) as { readonly text?: unknown };
  const isPlain = typeof fields.text === "string" && Object.keys(fields).length === 1;
  return isPlain ? String(fields.text) : JSON.stringify(data);
}
