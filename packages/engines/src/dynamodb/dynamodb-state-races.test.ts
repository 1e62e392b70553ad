import { Projector } from "@anywire/core";
import { describe, expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { chunksOf } from "../shared/map-limit.ts";
import { type DynamodbBackend, dynamodbBackend } from "./dynamodb-backend.fixture.ts";
import { type Fate, killed, withFaults } from "./faulty-client.fixture.ts";
import {
  differenceOf,
  entriesOf,
  opened,
  randomDrafts,
  randomNumbers,
} from "./state-history.fixture.ts";

const ROOM = "production.group.a";
const say = (id: string, channel = ROOM) =>
  ({ channel, id, kind: "message", sender: "account:ann", dataJson: '{"text":"x"}' }) as const;

/** Gives an account a name. */
const rename = (id: string, name: string) =>
  ({
    channel: `production.notification.${id}`,
    id: `rename ${name}`,
    kind: "account",
    sender: `account:${id}`,
    dataJson: JSON.stringify({ name }),
  }) as const;

/** Runs a projector on a new node. */
async function projecting(backend: DynamodbBackend, batchSize: number) {
  const { log, state } = await backend.join();
  const abort = new AbortController();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const running = new Projector({ log, state, batchSize, onError }).run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
    await state.close();
    expect(errors).toEqual([]);
  };
  return { log, state, stop };
}

withEngine("dynamodb", (endpoint) => {
  it("comes to one state when projectors with other batches race, and one that was thought dead", async () => {
    const backend = dynamodbBackend(endpoint);
    const nodes = await Promise.all([projecting(backend, 7), projecting(backend, 150)]);
    const zombie = await backend.join();
    const below = randomNumbers(3);
    const late: Promise<void>[] = [];
    for (const [i, draft] of randomDrafts(500, 11).entries()) {
      await nodes[i % 2]?.log.append(draft);
      if (below(40) !== 0) continue;
      const entries = entriesOf(backend.log);
      const begin = (await zombie.state.position()) - below(30);
      // What it projects is in the state in part, or wholly.
      const own = entries.filter(({ offset }) => offset > begin).slice(0, 1 + below(200));
      late.push(zombie.state.project(own));
    }
    await Promise.all(late);
    await zombie.state.get([], { atLeast: 500 });
    expect(await differenceOf(zombie.state, backend.log)).toBeUndefined();
    await zombie.state.close();
    await Promise.all(nodes.map(({ stop }) => stop()));
    await backend.dispose();
  });

  describe("a projector that slept between reading and writing", () => {
    const renamed = Array.from({ length: 440 }, (_, i) =>
      rename(`account-${i % 110}`, `name ${i}`),
    );
    const histories = {
      "what was not there before": { drafts: randomDrafts(220, 12), before: 0, batch: 180 },
      "what was there before": { drafts: renamed, before: 110, batch: 220 },
    };
    for (const [name, { drafts, before, batch }] of Object.entries(histories)) {
      // Where the others are when it wakes up: where it began, in its batch, at its end, beyond.
      for (const others of [0, batch / 2, batch, drafts.length - before]) {
        it(`changes nothing when it writes ${name}, the others ${others} entries further`, async () => {
          const backend = dynamodbBackend(endpoint);
          for (const draft of drafts) backend.log.append(draft, 1_700_000_000_000);
          const entries = entriesOf(backend.log);
          const awake = Promise.withResolvers<void>();
          let isAsleep = false;
          const configure = withFaults(async (isWrite): Promise<Fate> => {
            if (isWrite && isAsleep) await awake.promise;
            return "passes";
          }, killed);
          const sleeper = await backend.join({ configure });
          await sleeper.state.project(entries.slice(0, before));
          isAsleep = true;
          const sleeping = sleeper.state.project(entries.slice(before, before + batch));
          const other = await backend.join();
          const theirs = entries.slice(before, before + others);
          for (const next of chunksOf(theirs, 30)) await other.state.project(next);
          awake.resolve();
          await sleeping;
          const atLeast = before + Math.max(batch, others);
          const { position } = await other.state.get([], { atLeast });
          expect(await differenceOf(other.state, backend.log, position)).toBeUndefined();
          for (const next of chunksOf(entries, 7)) await other.state.project(next);
          expect(await differenceOf(other.state, backend.log)).toBeUndefined();
          await Promise.all([sleeper.state.close(), other.state.close()]);
          await backend.dispose();
        });
      }
    }
  });

  // Symptom: what the other had written was lost. The first still knew the state as it was when it stopped, and folded
  // what came after the other's entries upon that: a lease that was lost for a moment was enough.
  it("a projector that takes the work back goes on from where the other has brought the state", async () => {
    const backend = dynamodbBackend(endpoint);
    for (const draft of randomDrafts(300, 14)) backend.log.append(draft, 1_700_000_000_000);
    const entries = entriesOf(backend.log);
    const [one, two] = [await backend.join(), await backend.join()];
    await one.state.project(entries.slice(0, 100));
    await two.state.project(entries.slice(100, 200));
    expect(await one.state.position()).toBe(200);
    await one.state.project(entries.slice(200));
    expect(await differenceOf(one.state, backend.log)).toBeUndefined();
    await Promise.all([one.state.close(), two.state.close()]);
    await backend.dispose();
  });

  it("answers from one moment while it is written all the time", async () => {
    const backend = dynamodbBackend(endpoint);
    const writers = await Promise.all([projecting(backend, 5), projecting(backend, 40)]);
    const rooms = ["a", "b", "c"].map((id) => `production.group.${id}`);
    for (const room of rooms) await writers[0]?.log.append(opened(room, `open ${room}`, ["ann"]));
    const reader = await backend.join({ maxAgeMs: 0 });
    await reader.state.get([], { atLeast: rooms.length });
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; i < 400; i += 8) {
        const ids = Array.from({ length: 8 }, (_, j) => `m-${i + j}`);
        const sent = ids.map((id, j) => writers[j % 2]?.log.append(say(id, rooms[j % 3])));
        const offsets = (await Promise.all(sent)).map((one) => one?.entry.offset ?? 0);
        // Not much faster than it comes into the state, so that there is always something under way.
        await reader.state.get([], { atLeast: Math.min(...offsets) });
      }
      isWriting = false;
    })();
    let reads = 0;
    while (isWriting) {
      const [ordinals, mine] = await Promise.all([
        reader.state.list({ partition: ROOM, prefix: "o:" }),
        reader.state.list({
          partition: "production.notification.ann",
          prefix: "c:",
          follow: "channel",
        }),
      ]);
      const isRead = ({
        offset,
        channel,
        kind,
      }: {
        offset: number;
        channel: string;
        kind: string;
      }) => channel === ROOM && kind === "message" && offset <= ordinals.position;
      expect(ordinals.items).toHaveLength(entriesOf(backend.log).filter(isRead).length);
      expect(mine.items).toHaveLength(3);
      for (const [i, { value }] of mine.items.entries()) {
        // Who says something has read it.
        const { readOrdinal } = value as { readOrdinal: number };
        expect(mine.followed[i]).toMatchObject({ messages: readOrdinal });
      }
      reads += 1;
    }
    await writing;
    expect(reads).toBeGreaterThan(10);
    await reader.state.close();
    await Promise.all(writers.map(({ stop }) => stop()));
    await backend.dispose();
  });
});
