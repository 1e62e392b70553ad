import type { EntriesPage, SentMessage } from "@anywire/types";
import { expect, vi } from "vitest";
import { callHttp, operatorToken } from "../support/http-call.ts";
import type { Inbox } from "../support/inbox.ts";
import {
  connectSdk,
  type Reachable,
  type SdkClient,
  type SdkSubscription,
  subscribeSdk,
} from "../support/sdk-client.ts";
import { EVENTUALLY } from "./cluster-load.ts";
import { sendUntilAcknowledged } from "./stubborn-publisher.ts";

/** Where the function says what it was run for. */
const EFFECTS = "production.group.effects";
const PUBLISHERS = 4;
const IN_FLIGHT = 32;
/** Clients that leave the processor to the server while it starts. */
const PATIENT = { timeout: 5000, minReconnectDelay: 50, maxReconnectDelay: 300 };
/** The server's `internal` and `unavailable`: may be asked again. */
const MAY_BE_ASKED_AGAIN: readonly number[] = [100, 503];

/** A function that records each message once, by an id that follows from it, and each of its runs; another that tells how many there were. */
export const RECORDING: Readonly<Record<string, string>> = {
  "record.ts": `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.sms.*", async (event, { publish, kv }) => {
  await kv.increment("runs-" + event.channelId);
  const meta = { channel: event.channel, offset: event.offset, by: process.pid };
  await publish("${EFFECTS}", { text: event.id, meta }, { id: "re-" + event.id });
});
`,
  "runs.ts": `
import { onRequest } from "@anywire/functions";

export default onRequest("GET /runs", async (_event, { kv }) => {
  const keys = await kv.list({ prefix: "runs-", limit: 1000 });
  const counts = await Promise.all(keys.map((key) => kv.get<number>(key)));
  return Response.json(counts.reduce((sum, count) => sum + (count ?? 0), 0));
});
`,
};

/** What the function said of one message. */
interface Effect {
  readonly text: string;
  readonly meta: { readonly channel: string; readonly offset: number; readonly by: number };
}

/** What the function says, as it is heard by somebody who stays. */
export interface Recorded {
  readonly count: number;
  /** The process that ran the function last. */
  readonly by: number | undefined;
  /** Resolves when so many are heard. */
  atLeast(count: number): Promise<void>;
}

/** Listens to what the function says. */
export async function listenToEffects(server: Reachable): Promise<Recorded> {
  const listener = await connectSdk(server, { ...PATIENT, account: "listener" });
  const { publications } = await subscribeSdk(listener, EFFECTS);
  return {
    get count() {
      return publications.items.length;
    },
    get by() {
      return effectOf(publications.items.at(-1))?.meta.by;
    },
    async atLeast(count) {
      await vi.waitFor(
        () => expect(publications.items.length).toBeGreaterThanOrEqual(count),
        EVENTUALLY,
      );
    },
  };
}

function effectOf(
  publication: SdkSubscription["publications"]["items"][number] | undefined,
): Effect | undefined {
  return publication?.data as Effect | undefined;
}

/** Says so many messages on so many channels, each again until it is acknowledged. Resolves when all are, with how often one was sent again. */
export async function sayOnChannels(
  server: Reachable,
  messages: number,
  channels: number,
  acknowledged: Pick<Inbox<SentMessage>, "push">,
): Promise<number> {
  let next = 0;
  let resent = 0;
  const insist = {
    passing: MAY_BE_ASKED_AGAIN,
    onResend: () => {
      resent += 1;
    },
  };
  const lane = async (client: SdkClient): Promise<void> => {
    while (next < messages) {
      const number = next;
      next += 1;
      const channel = `production.sms.${number % channels}`;
      acknowledged.push(await sendUntilAcknowledged(client, channel, `said-${number}`, insist));
    }
  };
  const connect = (_: unknown, i: number): Promise<SdkClient> =>
    connectSdk(server, { ...PATIENT, account: `publisher-${i}` });
  const clients = await Promise.all(Array.from({ length: PUBLISHERS }, connect));
  const lanes = clients.flatMap((client) => Array.from({ length: IN_FLIGHT }, () => lane(client)));
  await Promise.all(lanes);
  for (const { centrifuge } of clients) centrifuge.disconnect();
  return resent;
}

/** What was counted of messages and of what the function did. */
export interface RecordedCounts {
  readonly acknowledged: number;
  readonly effects: number;
  /** Runs beyond one for each message. */
  readonly again: number;
  readonly deadLetters: number;
}

/**
 * Asserts that each acknowledged message has its effect once, those of one channel in the order of the messages, and that the
 * function was given up on none.
 * @param server that runs functions after something
 */
export async function assertRecorded(
  server: Reachable,
  acknowledged: readonly SentMessage[],
): Promise<RecordedCounts> {
  const effects = await readEffects(server);
  expect(effects.map(({ text }) => text).sort()).toEqual(acknowledged.map(({ id }) => id).sort());
  const offsets = new Map<string, number>();
  for (const { meta } of effects) {
    expect(meta.offset).toBeGreaterThan(offsets.get(meta.channel) ?? 0);
    offsets.set(meta.channel, meta.offset);
  }
  const { body: runs } = await callHttp(
    server,
    await server.token("bob"),
    "GET",
    "/functions/runs",
  );
  expect(runs).toBeGreaterThanOrEqual(acknowledged.length);
  const path = "/v1/functions/record/dead-letters";
  const { body: dead } = await callHttp(server, await operatorToken(server), "GET", path);
  expect(dead).toEqual({ deadLetters: [] });
  return {
    acknowledged: acknowledged.length,
    effects: effects.length,
    again: runs - acknowledged.length,
    deadLetters: dead.deadLetters.length,
  };
}

async function readEffects(server: Reachable): Promise<Effect[]> {
  const token = await server.token("reader");
  const effects: Effect[] = [];
  for (let after: string | undefined = "0"; after !== undefined; ) {
    const path = `/v1/channels/${EFFECTS}/entries?limit=1000&after=${after}`;
    const { entries, cursor } = (await callHttp(server, token, "GET", path)).body as EntriesPage;
    effects.push(...entries.map(({ data }) => data as Effect));
    after = cursor;
  }
  return effects;
}
