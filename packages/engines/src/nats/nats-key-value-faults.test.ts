import type { KeyValueStore } from "@anywire/core";
import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsKeyValue } from "./nats-key-value.ts";
import { createNatsLink, type NatsLink } from "./nats-link.ts";
import { hasServer, startServers } from "./nats-server.fixture.ts";

/** The servers may take their time. */
const ELECTION = { timeout: 15_000, interval: 50 };

withEngine("nats", (url) => {
  describe("a key-value store on NATS", () => {
    let prefix: string;
    let proxy: TcpProxy;
    let near: KeyValueStore;
    let farLink: NatsLink;
    let far: KeyValueStore;
    let connection: NatsConnection;

    beforeEach(async () => {
      prefix = `test-${crypto.randomUUID().slice(0, 13)}`;
      proxy = await startTcpProxy(url);
      connection = await connect({ servers: url });
      near = createNatsKeyValue(createNatsLink({ servers: [url], prefix }));
      farLink = createNatsLink({ servers: [proxy.url], prefix });
      far = createNatsKeyValue(farLink);
      await Promise.all([near.start(), far.start()]);
    });

    afterEach(async () => {
      await Promise.all([near.close(), far.close()]);
      await proxy.close();
      await connection.request(`$JS.API.STREAM.DELETE.KV_${prefix}-kv`);
      await connection.close();
    });

    const messages = async (): Promise<number> => {
      const answer = await connection.request(`$JS.API.STREAM.INFO.KV_${prefix}-kv`);
      return answer.json<{ state: { messages: number } }>().state.messages;
    };

    it("waits for a connection that broke and comes back", async () => {
      await far.set("k", "1");
      proxy.cut();
      await vi.waitFor(() => expect(farLink.isConnected).toBe(false));
      const adding = far.add("n", 1);
      const reading = far.get("k");
      await near.set("k", "2");
      proxy.heal();
      expect(await adding).toBe(1);
      expect(await reading).toMatchObject({ value: "2" });
    });

    it("rejects with unavailable when the connection stays away, and writes nothing later", async () => {
      proxy.cut();
      // Those of the first moment may still be on their way into the connection that broke.
      const writes = Array.from({ length: 3 }, (_, i) => far.set(`late-${i}`, "v"));
      for (const settled of await Promise.allSettled(writes)) {
        expect(settled).toMatchObject({ reason: { code: "unavailable" } });
      }
      await expect(far.add("late", 1)).rejects.toMatchObject({ code: "unavailable" });
      proxy.heal();
      await vi.waitFor(() => far.get("k"), { timeout: 10_000 });
      expect(await near.list({ prefix: "late", limit: 10 })).toEqual({ items: [], hasMore: false });
    }, 30_000);

    it("has the server remove what is over", async () => {
      await near.set("kept", "v");
      await near.set("k", "v", { ttlMs: 100 });
      await near.add("n", 1, { ttlMs: 100 });
      await near.add("n", 1);
      expect(await messages()).toBe(3);
      await vi.waitFor(async () => expect(await messages()).toBe(1), { timeout: 10_000 });
      expect(await near.get("kept")).toMatchObject({ value: "v" });
    });

    it("is a bucket that other tools of NATS can read", async () => {
      const bucket = await new Kvm(connection).open(`${prefix}-kv`);
      const revision = await near.set("fn.production.greeting", "hello");
      const entry = await bucket.get("fn.production.greeting");
      expect(entry).toMatchObject({ operation: "PUT", revision });
      expect(entry?.string()).toBe("hello");
      await near.delete("fn.production.greeting");
      expect(await bucket.get("fn.production.greeting")).toMatchObject({ operation: "DEL" });
      await bucket.put("other", "theirs");
      expect(await far.get("other")).toMatchObject({ value: "theirs" });
    });

    it("says that its bucket is gone", async () => {
      await connection.request(`$JS.API.STREAM.DELETE.KV_${prefix}-kv`);
      await expect(near.get("k")).rejects.toMatchObject({ code: "storage_damaged" });
      await expect(near.list({ prefix: "", limit: 1 })).rejects.toMatchObject({
        code: "storage_damaged",
      });
      await expect(near.set("k", "v")).rejects.toMatchObject({
        code: "storage_damaged",
      });
    });
  });

  describe.skipIf(!hasServer)("a key-value store on three NATS servers", () => {
    it("answers every read while the servers choose another leader, and loses no write that it acknowledged", async () => {
      const servers = await startServers(3);
      onTestFinished(async () => {
        await Promise.all(servers.map((server) => server.dispose()));
      });
      const urls = servers.map(({ url }) => url);
      const kv = createNatsKeyValue(createNatsLink({ servers: urls, prefix: "t" }), {
        replicas: 3,
      });
      const connection = await connect({ servers: urls });
      let isOver = false;
      onTestFinished(async () => {
        isOver = true;
        await kv.close();
        await connection.close();
      });
      await kv.start();
      let done = 0;
      let unknown = 0;
      const adding = (async () => {
        while (!isOver) {
          await kv.add("n", 1).then(
            () => (done += 1),
            () => (unknown += 1),
          );
          const sum = Number((await kv.get("n"))?.value ?? 0);
          expect(sum).toBeGreaterThanOrEqual(done);
          expect(sum).toBeLessThanOrEqual(done + unknown);
        }
      })();
      // A test that fails before it waits for this has said why.
      adding.catch(() => {});
      const { streams } = await jetstreamManager(connection);
      const stepDown = "$JS.API.STREAM.LEADER.STEPDOWN.KV_t-kv";
      const leader = async () => (await streams.info("KV_t-kv")).cluster?.leader;
      for (let turn = 0; turn < 5; turn += 1) {
        const [before, soFar] = [await vi.waitFor(leader, ELECTION), done];
        // Nobody answers while there is no leader.
        await vi.waitFor(() => connection.request(stepDown), ELECTION);
        await Promise.race([
          adding,
          vi.waitFor(async () => {
            expect(await leader()).not.toBe(before);
            expect(done).toBeGreaterThan(soFar);
          }, ELECTION),
        ]);
      }
      isOver = true;
      await adding;
    }, 90_000);
  });
});
