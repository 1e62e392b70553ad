import type { EntriesPage, SentMessage } from "@anywire/types";
import { expect, it } from "vitest";
import { Inbox } from "../support/inbox.ts";
import {
  connectSdk,
  DIALECTS,
  type Reachable,
  type SdkClientOptions,
  type SdkSubscription,
  subscribeSdk,
} from "../support/sdk-client.ts";
import { startCrashingServer } from "./crashing-server.ts";
import { startStubbornPublisher } from "./stubborn-publisher.ts";

const CHANNEL = "production.group.crash";
const ROUNDS = 20;
/** Acknowledgements in a round after which, at the latest, the server is killed. */
const MOST_IN_A_ROUND = 400;

/** Clients that leave the processor to the server while it starts. */
const PATIENT = { timeout: 1000, minReconnectDelay: 100, maxReconnectDelay: 300 };

/** Where an entry lies: what acknowledgement, log and subscriber have to agree on. */
type Place = readonly [offset: number, id: string];

function clientIn(server: Reachable, index: number, options: SdkClientOptions) {
  const dialect = DIALECTS[index % DIALECTS.length];
  return connectSdk(server, { ...PATIENT, ...(dialect && { dialect }), ...options });
}

/** The whole log of the channel, over HTTP. */
async function readLog(server: Reachable): Promise<Place[]> {
  const headers = { authorization: `Bearer ${await server.token("reader")}` };
  const places: Place[] = [];
  let after = "0";
  for (;;) {
    const path = `/v1/channels/${CHANNEL}/entries?limit=1000&after=${after}`;
    const response = await fetch(server.url + path, { headers });
    const { entries, cursor } = (await response.json()) as EntriesPage;
    for (const { offset, id } of entries) places.push([offset, id]);
    if (cursor === undefined) return places;
    after = cursor;
  }
}

function placesHeard({ publications }: SdkSubscription): Place[] {
  return publications.items.map(({ offset, tags }) => [offset ?? 0, tags?.["id"] ?? ""]);
}

it("twenty kills under load lose no acknowledged entry, repeat none, and change no order", async () => {
  const server = await startCrashingServer();
  const listeners = await Promise.all(
    DIALECTS.map((_, i) => clientIn(server, i, { account: `listener-${i}` })),
  );
  const subscriptions = await Promise.all(
    listeners.map((client, i) =>
      subscribeSdk(client, i % 2 === 0 ? CHANNEL : "production.group.*"),
    ),
  );
  const acknowledged = new Inbox<SentMessage>("acknowledgements");
  const publishers = await Promise.all(
    DIALECTS.map(async (_, i) => {
      const client = await clientIn(server, i, { account: `publisher-${i}` });
      return startStubbornPublisher(`publisher-${i}`, client, CHANNEL, acknowledged);
    }),
  );

  for (let round = 1; round <= ROUNDS; round += 1) {
    const enough = 1 + Math.floor(Math.random() * MOST_IN_A_ROUND);
    await acknowledged.atLeast(acknowledged.items.length + enough);
    await server.kill();
    await server.start();
  }
  const resent = await Promise.all(publishers.map((publisher) => publisher.stop()));

  const log = await readLog(server);
  const promised = acknowledged.items
    .map(({ offset, id }): Place => [offset, id])
    .sort(([a], [b]) => a - b);
  expect(log).toEqual(promised);
  expect(new Set(log.map(([, id]) => id)).size).toBe(log.length);
  expect(log.every(([offset], i) => i === 0 || offset > (log[i - 1]?.[0] ?? 0))).toBe(true);
  for (const subscription of subscriptions) {
    await subscription.publications.atLeast(log.length);
    expect(placesHeard(subscription)).toEqual(log);
  }
  expect(await server.stop()).toBe(0);
  const again = resent.reduce((sum, count) => sum + count, 0);
  console.log(
    `${ROUNDS} kills: ${promised.length} entries acknowledged (${again} sent again), ${log.length} in the log, each heard once by ${subscriptions.length} subscribers`,
  );
}, 180_000);
