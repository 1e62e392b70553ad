import type { LogEntry } from "@anywire/core";
import { createSqliteLog } from "@anywire/engines/sqlite";
import { messageNumbers } from "../load/message-text.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { CONNECTION } from "./network-server.ts";

const AT_ONCE = 10_000;

/** What must be on the disk of a server that has ended. */
export interface ExpectedStore {
  /** Webhooks that were answered. */
  readonly webhooks: number;
  /** Different messages among them: their numbers are from 0 on. */
  readonly messages: number;
  /** Who wrote them, in turn. */
  readonly persons: number;
}

/**
 * Checks that every webhook that was answered is stored, and every message is once on the one channel of its person, whatever came twice or
 * late.
 * @throws when it is not so.
 */
export async function checkStored(directory: string, expected: ExpectedStore): Promise<void> {
  const { webhooks, messages, persons } = expected;
  await checkWebhooks(directory, webhooks);
  const times = new Uint8Array(messages);
  const channels = new Map<number, string>();
  await eachEntry(directory, `${PLATFORM}.sms.*`, ({ kind, channel, dataJson }) => {
    if (kind !== "message") return;
    for (const number of messageNumbers(dataJson)) {
      times[number] = (times[number] ?? 0) + 1;
      const person = number % persons;
      const known = channels.get(person) ?? channel;
      if (known !== channel) throw new Error(`person ${person} is on ${known} and on ${channel}`);
      channels.set(person, channel);
    }
  });
  const wrong = times.findIndex((one) => one !== 1);
  if (wrong >= 0) throw new Error(`message ${wrong} is stored ${times[wrong]} times`);
  const names = new Set(channels.values()).size;
  if (names !== Math.min(persons, messages)) throw new Error(`${names} channels, not ${persons}`);
}

/** Checks that so many webhooks are on the disk of a server that has ended. @throws when it is not so */
export async function checkWebhooks(directory: string, expected: number): Promise<void> {
  let count = 0;
  await eachEntry(directory, `${PLATFORM}.connection.${CONNECTION}`, ({ kind }) => {
    if (kind === "webhook") count += 1;
  });
  if (count !== expected) throw new Error(`${count} webhooks are stored, not ${expected}`);
}

async function eachEntry(
  directory: string,
  pattern: string,
  take: (entry: LogEntry) => void,
): Promise<void> {
  const log = createSqliteLog({ directory });
  await log.start();
  try {
    for (let after = 0, hasMore = true; hasMore; ) {
      const page = await log.read({ pattern, after, limit: AT_ONCE, order: "asc" });
      for (const entry of page.entries) take(entry);
      after = page.entries.at(-1)?.offset ?? after;
      hasMore = page.hasMore;
    }
  } finally {
    await log.close();
  }
}
