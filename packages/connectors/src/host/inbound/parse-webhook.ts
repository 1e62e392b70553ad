import type { LogEntry } from "@anywire/core";
import { AnywireError, describeIssue } from "@anywire/types";
import { z } from "zod";
import { eventProblem } from "../../contract/check-event.ts";
import type { InboundEvent } from "../../contract/inbound-event.ts";
import type { OpenConnection } from "../connections/connections.ts";
import type { InboundDesk } from "./inbound-desk.ts";
import { fromWebhookEntry } from "./stored-webhook.ts";

const MAX_REASON_LENGTH = 300;

/** What a request tells. */
interface ParsedWebhook {
  readonly events: readonly InboundEvent[];
  /** What of it can't be handled, since it is no event. */
  readonly problems: readonly AnywireError[];
}

/**
 * What an entry of kind `webhook` tells, as its connector understands it.
 * @throws {AnywireError} `bad_request` when that can make nothing of it; what reading the body throws
 */
export async function parseWebhook(
  { options, settings }: InboundDesk,
  { connector, context }: OpenConnection,
  entry: LogEntry,
): Promise<ParsedWebhook> {
  const request = await fromWebhookEntry(entry, options.blobs, context.webhookUrl);
  const { parseTimeoutMs } = settings;
  const refuse = (why: string, cause?: unknown): AnywireError => {
    const reason = why.slice(0, MAX_REASON_LENGTH);
    const words = `${connector.displayName} can make nothing of it: ${reason}`;
    return new AnywireError("bad_request", words, { cause });
  };
  let told: unknown;
  try {
    // The same whenever it is parsed: the time is that at which it came.
    const parsing = connector.parse(request, { ...context, now: () => entry.at });
    told = await withinTime(parsing, parseTimeoutMs);
  } catch (cause) {
    throw refuse(reasonOf(cause), cause);
  }
  if (told === LATE) throw refuse(`it was not done with it after ${parseTimeoutMs} ms`);
  if (!Array.isArray(told)) throw refuse("its parse gives no list of events");
  const events: InboundEvent[] = [];
  const problems: AnywireError[] = [];
  for (const [i, event] of told.entries()) {
    const problem = eventProblem(event);
    if (problem === undefined) events.push(event as InboundEvent);
    else problems.push(refuse(`event ${i + 1} of its parse: ${problem}`));
  }
  return { events, problems };
}

const LATE = Symbol("late");

async function withinTime<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Why something failed, for people: of a failed check of zod's what is wrong first, and where. */
function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    const [issue] = cause.issues;
    if (issue !== undefined) return `${issue.path.slice(0, 8).join(".")}: ${describeIssue(issue)}`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}
