import type { EntryDraft, Log } from "@anywire/core";
import type { AnywireError } from "@anywire/types";
import { createEntryId, type EntryTrace, formatChannelName, toAnywireError } from "@anywire/types";
import type { LogLine, RunFailure } from "../run.ts";
import { LineBudget } from "./line-budget.ts";
import { shorten, toLogFields } from "./log-fields.ts";
import type { Redact } from "./redact.ts";

/** The data of an entry of kind `log` on `<platform>.system.functions`: a line that a function logged, or what became of its run. */
export interface FunctionLogData {
  readonly function: string;
  /** Null for what is said of the function, and not by a run of it. */
  readonly revision: string | null;
  readonly level: LogLine["level"];
  readonly text: string;
  /** When it was logged, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The same for all lines of one run. */
  readonly run?: string;
  readonly trace?: EntryTrace;
  readonly channel?: string;
  /** Counts from 1. */
  readonly attempt?: number;
  readonly error?: { readonly failure: RunFailure; readonly stack?: string };
}

/** Who logs something. */
export type LogOrigin = Pick<
  FunctionLogData,
  "function" | "revision" | "run" | "trace" | "channel" | "attempt"
> & { readonly platform: string };

/** What is logged. */
export type LogContent = LogLine & Pick<FunctionLogData, "error">;

/** What a log of functions needs. */
export interface FunctionLogOptions {
  readonly log: Pick<Log, "append">;
  readonly redact: Redact;
  /** Lines of one function in a minute. */
  readonly maxLinesPerMinute: number;
  readonly onError: (error: AnywireError) => void;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

const MAX_TEXT = 8_192;
/** Lines that wait to be stored; more are left out. */
const MAX_WAITING = 10_000;
/** Lines that are stored at once. */
const BATCH = 256;

/**
 * Keeps what functions log as entries. Nobody waits for it, and it fails no run: when the log cannot keep up, or a function logs
 * more than it may, lines are left out, and how many is said.
 */
export class FunctionLog {
  readonly #options: FunctionLogOptions;
  readonly #now: () => number;
  readonly #budget: LineBudget;
  #waiting: EntryDraft[] = [];
  #storing: Promise<void> | null = null;

  constructor(options: FunctionLogOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#budget = new LineBudget(options.maxLinesPerMinute);
  }

  add(origin: LogOrigin, content: LogContent): void {
    const writer = `${origin.platform} ${origin.function}`;
    if (this.#waiting.length >= MAX_WAITING) this.#budget.leaveOut(writer, this.#now());
    else if (this.#budget.take(writer, this.#now())) this.#keep(origin, content);
  }

  /** Says how many lines were left out in minutes that are over. To be called every few seconds. */
  tellLeftOut(all = false): void {
    const at = this.#now();
    for (const [writer, lines] of this.#budget.leftOut(at, all)) {
      const [platform = "", name = ""] = writer.split(" ");
      const text = `${lines} more lines were left out: a function logs at most ${this.#options.maxLinesPerMinute} in a minute`;
      const origin = { platform, function: name, revision: null };
      this.#keep(origin, { level: "warn", text, at });
    }
  }

  /** Resolves when all that was logged is stored, or could not be. */
  async flush(): Promise<void> {
    while (this.#storing !== null) await this.#storing;
  }

  #keep({ platform, ...origin }: LogOrigin, { level, text, at, fields, error }: LogContent): void {
    const { redact } = this.#options;
    const data: FunctionLogData = {
      ...origin,
      level,
      text: shorten(redact(text), MAX_TEXT),
      at,
      ...(fields === undefined ? {} : { fields: toLogFields(fields, redact) }),
      ...(error === undefined ? {} : { error: withShortStack(error, redact) }),
    };
    this.#waiting.push({
      channel: formatChannelName({ platform, type: "system", id: "functions" }),
      id: createEntryId(),
      kind: "log",
      sender: `function:${data.function}`,
      dataJson: JSON.stringify(data),
      ...(data.trace === undefined ? {} : { trace: data.trace }),
    });
    this.#storing ??= this.#store();
  }

  async #store(): Promise<void> {
    let hasFailed = false;
    while (this.#waiting.length > 0) {
      // What is logged in this turn of the event loop is stored together.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting.slice(0, BATCH);
      this.#waiting = this.#waiting.slice(BATCH);
      const outcomes = await Promise.allSettled(
        batch.map((draft) => this.#options.log.append(draft)),
      );
      const failed = outcomes.find(({ status }) => status === "rejected");
      // Once, and not for each line: it is the log that is in trouble.
      if (failed?.status === "rejected" && !hasFailed) {
        this.#options.onError(toAnywireError(failed.reason));
        hasFailed = true;
      }
    }
    this.#storing = null;
  }
}

function withShortStack(
  { failure, stack }: NonNullable<FunctionLogData["error"]>,
  redact: Redact,
): NonNullable<FunctionLogData["error"]> {
  return stack === undefined ? { failure } : { failure, stack: shorten(redact(stack), MAX_TEXT) };
}
