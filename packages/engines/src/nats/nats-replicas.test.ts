import type { Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { LogStream } from "./log-stream.ts";
import { createNatsKeyValue } from "./nats-key-value.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsLog } from "./nats-log.ts";
import { createNatsPresence } from "./nats-presence.ts";
import { hasServer, type OwnServer, startServers } from "./nats-server.fixture.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";

const ROOM = "production.group.room";

withEngine("nats", (url) => {
  it("does not make reads of a server that is alone ask twice", async () => {
    const prefix = newPrefix();
    for (const when of ["new", "found"]) {
      const link = createNatsLink({ servers: [url], prefix });
      await link.start();
      const stream = new LogStream(link, {});
      await stream.open();
      expect(stream.isReplicated, when).toBe(false);
      await link.close();
    }
    await removeStreams(url, prefix);
  });

  describe.skipIf(!hasServer)(
    "how many servers keep what a node opens",
    { timeout: 120_000 },
    () => {
      let servers: OwnServer[] = [];
      let connection: NatsConnection;
      let prefix = "";

      beforeAll(async () => {
        servers = await startServers(3);
        connection = await connect({ servers: servers.map(({ url }) => url) });
      }, 60_000);

      beforeEach(() => {
        prefix = newPrefix();
      });

      afterAll(async () => {
        await connection.close();
        await Promise.all(servers.map((server) => server.dispose()));
      });

      /** Starts what a server of ours starts. */
      async function join(replicas?: number) {
        const link = createNatsLink({ servers: servers.map(({ url }) => url), prefix });
        const log = createNatsLog(link, { replicas });
        const kv = createNatsKeyValue(link, { replicas });
        const presence = createNatsPresence(link, { replicas });
        await log.start();
        await Promise.all([kv.start(), presence.start()]);
        // Of its own, so that no node keeps others from appending.
        const channel = `production.group.${createEntryId()}`;
        const append = async () => {
          const draft = {
            channel,
            kind: "message",
            sender: "account:ann",
            dataJson: "1",
          } as const;
          return (await log.append({ ...draft, id: createEntryId() })).entry;
        };
        const close = async (): Promise<void> => {
          await presence.close();
          await kv.close();
          await log.close();
        };
        return { log, kv, presence, append, close };
      }

      /** How many servers keep each stream. */
      async function copies(): Promise<Record<string, number>> {
        const { streams } = await jetstreamManager(connection);
        const names = ["log", "consumers", "kv", "presence"];
        const found = names.map(async (name) => {
          const isBucket = name === "kv" || name === "presence";
          const { config } = await streams.info(`${isBucket ? "KV_" : ""}${prefix}-${name}`);
          return [name, config.num_replicas] as const;
        });
        return Object.fromEntries(await Promise.all(found));
      }

      const all = (count: number) => ({ log: count, consumers: count, kv: count, presence: count });

      it("is one for what is new, as many as are set, and what it was for who sets none", async () => {
        await (await join()).close();
        expect(await copies()).toEqual(all(1));
        await (await join(3)).close();
        expect(await copies()).toEqual(all(3));
        await (await join()).close();
        expect(await copies()).toEqual(all(3));
        await (await join(1)).close();
        expect(await copies()).toEqual(all(1));
      });

      it("is as many as keep the log, for what is kept beside it", async () => {
        await (await join()).close();
        const { streams } = await jetstreamManager(connection);
        await streams.update(`${prefix}-log`, { num_replicas: 3 });
        await (await join()).close();
        expect(await copies()).toEqual(all(3));
      });

      it("changes under nodes that start at the same time and go on, without losing anything", async () => {
        const first = await join();
        const appended = [await first.append()];
        let isOver = false;
        const publishing = (async () => {
          while (!isOver) appended.push(await first.append());
        })();
        for (const replicas of [3, 1]) {
          const nodes = await Promise.all([join(replicas), join(), join(replicas), join(replicas)]);
          for (const { append, kv, presence } of nodes) {
            for (let i = 0; i < 100; i += 1) {
              const entry = await append();
              appended.push(entry);
              // It has not been told of the change.
              expect(await first.log.head(entry.channel)).toBe(entry.offset);
            }
            await kv.set("key", "value");
            await presence.join(ROOM, { client: createEntryId(), user: "ann" });
          }
          await Promise.all(nodes.map((node) => node.close()));
          expect(await copies()).toEqual(all(replicas));
        }
        isOver = true;
        await publishing;
        const last = await join();
        await expectAll(last.log, appended);
        await Promise.all([first.close(), last.close()]);
      });
    },
  );
});

/** Every entry that was acknowledged is where it was said to be. */
async function expectAll(log: Pick<Log, "read">, appended: readonly LogEntry[]): Promise<void> {
  const found = new Map<number, string>();
  for (let after = 0, hasMore = true; hasMore; ) {
    const page = await log.read({ pattern: ">", after, limit: 1_000, order: "asc" });
    for (const { offset, id } of page.entries) found.set(offset, id);
    after = page.entries.at(-1)?.offset ?? after;
    hasMore = page.hasMore;
  }
  expect(appended.map(({ offset }) => found.get(offset))).toEqual(appended.map(({ id }) => id));
}
