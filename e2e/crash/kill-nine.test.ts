import { rebuildSqliteState } from "@anywire/engines/sqlite";
import type { ChannelInfo, EntriesPage, SentMessage } from "@anywire/types";
import { expect, it } from "vitest";
import { Inbox } from "../support/inbox.ts";
import {
  connectSdk,
  DIALECTS,
  type Reachable,
  type SdkClient,
  type SdkClientOptions,
  type SdkSubscription,
  subscribeSdk,
} from "../support/sdk-client.ts";
import { startCrashingServer } from "./crashing-server.ts";
import { startStubbornPublisher } from "./stubborn-publisher.ts";

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

/** A channel that takes part in the state: every message changes that, too. */
async function openChannel({ centrifuge, pack, unpack }: SdkClient): Promise<string> {
  const participants = DIALECTS.map((_, i) => `account:publisher-${i}`);
  for (const address of participants) {
    const id = address.slice("account:".length);
    await centrifuge.rpc("account.save", pack({ id }));
  }
  const { data } = await centrifuge.rpc("channel.open", pack({ type: "group", participants }));
  return (unpack(data) as ChannelInfo).channel;
}

/** The messages in the log of the channel, over HTTP. */
async function readLog(server: Reachable, channel: string): Promise<Place[]> {
  const headers = { authorization: `Bearer ${await server.token("reader")}` };
  const places: Place[] = [];
  let after = "0";
  for (;;) {
    const path = `/v1/channels/${channel}/entries?limit=1000&after=${after}`;
    const response = await fetch(server.url + path, { headers });
    const { entries, cursor } = (await response.json()) as EntriesPage;
    for (const { offset, id, kind } of entries) {
      if (kind === "message") places.push([offset, id]);
    }
    if (cursor === undefined) return places;
    after = cursor;
  }
}

function placesHeard({ publications }: SdkSubscription): Place[] {
  return publications.items.map(({ offset, tags }) => [offset ?? 0, tags?.["id"] ?? ""]);
}

it("twenty kills under load lose no acknowledged entry, repeat none, and change no order", async () => {
  const server = await startCrashingServer();
  const manage = ["production.>", "production.notification.*"];
  const token = await server.token("operator", { manage });
  const channel = await openChannel(await clientIn(server, 0, { token }));
  const listeners = await Promise.all(
    DIALECTS.map((_, i) => clientIn(server, i, { account: `listener-${i}` })),
  );
  const subscriptions = await Promise.all(
    listeners.map((client, i) =>
      subscribeSdk(client, i % 2 === 0 ? channel : "production.group.*"),
    ),
  );
  const acknowledged = new Inbox<SentMessage>("acknowledgements");
  const publishers = await Promise.all(
    DIALECTS.map(async (_, i) => {
      const client = await clientIn(server, i, { account: `publisher-${i}` });
      return startStubbornPublisher(`publisher-${i}`, client, channel, acknowledged);
    }),
  );

  for (let round = 1; round <= ROUNDS; round += 1) {
    const enough = 1 + Math.floor(Math.random() * MOST_IN_A_ROUND);
    await acknowledged.atLeast(acknowledged.items.length + enough);
    await server.kill();
    await server.start();
  }
  const resent = await Promise.all(publishers.map((publisher) => publisher.stop()));

  const log = await readLog(server, channel);
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
  // What the dying server had told of the state is what follows from the log.
  const { isSame, progress } = await rebuildSqliteState(server.directory, { verify: true });
  expect(isSame).toBe(true);
  expect(progress.entries).toBeGreaterThan(log.length);
  const again = resent.reduce((sum, count) => sum + count, 0);
  console.log(
    `${ROUNDS} kills: ${promised.length} entries acknowledged (${again} sent again), ${log.length} in the log, each heard once by ${subscriptions.length} subscribers`,
  );
}, 180_000);
