import {
  holdLease,
  intervalSchedule,
  type KeyValueStore,
  type LeaseHolder,
  runEvery,
} from "@anywire/core";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsKeyValue } from "./nats-key-value.ts";
import { createNatsLink } from "./nats-link.ts";

const LEASE_MS = 900;

withEngine("nats", (url) => {
  describe("leases on NATS", () => {
    let prefix: string;
    let proxies: TcpProxy[];
    let nodes: KeyValueStore[];
    let holders: LeaseHolder[];
    /** Who works right now; and who ever began, in order. */
    let working: Set<number>;
    let began: number[];
    let overlaps: number;

    beforeEach(async () => {
      prefix = `test-${crypto.randomUUID().slice(0, 13)}`;
      proxies = await Promise.all([url, url].map((server) => startTcpProxy(server)));
      nodes = proxies.map((proxy) =>
        createNatsKeyValue(createNatsLink({ servers: [proxy.url], prefix })),
      );
      await Promise.all(nodes.map((node) => node.start()));
      holders = [];
      working = new Set();
      began = [];
      overlaps = 0;
    });

    afterEach(async () => {
      await Promise.all(holders.map((holder) => holder.close()));
      await Promise.all(nodes.map((node) => node.close()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
      const connection = await connect({ servers: url });
      await connection.request(`$JS.API.STREAM.DELETE.KV_${prefix}-kv`);
      await connection.close();
    });

    function hold(node: number): LeaseHolder {
      const kv = nodes[node] as KeyValueStore;
      const holder = holdLease(kv, { name: "work", leaseMs: LEASE_MS }, async (signal) => {
        overlaps += working.size;
        working.add(node);
        began.push(node);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        working.delete(node);
      });
      holders.push(holder);
      return holder;
    }

    it("go to the other node when the connection of one breaks, and never to both at once", async () => {
      holders = [hold(0), hold(1)];
      await vi.waitFor(() => expect(working.size).toBe(1));
      for (let turn = 0; turn < 3; turn += 1) {
        const [owner = 0] = working;
        proxies[owner]?.cut();
        await vi.waitFor(() => expect([...working]).toEqual([1 - owner]), { timeout: 5_000 });
        proxies[owner]?.heal();
        // It is there again, and leaves the other alone.
        await vi.waitFor(() => nodes[owner]?.get("k"), { timeout: 5_000 });
        expect([...working]).toEqual([1 - owner]);
      }
      expect(began).toEqual(began.map((_, i) => (i % 2 === 0 ? began[0] : 1 - (began[0] ?? 0))));
      expect(overlaps).toBe(0);
    }, 40_000);

    it("are free for the other node as soon as they are given back", async () => {
      const first = hold(0);
      await vi.waitFor(() => expect([...working]).toEqual([0]));
      expect(await nodes[1]?.get("lease.work")).toBeDefined();
      await first.close();
      expect(await nodes[1]?.get("lease.work")).toBeUndefined();
      hold(1);
      await vi.waitFor(() => expect([...working]).toEqual([1]));
    });

    it("give no tick of interval work to two nodes", async () => {
      const ran: number[] = [];
      const options = {
        name: "work",
        schedule: intervalSchedule(100),
        onError: (error: Error) => expect.fail(error.message),
      };
      const intervals = [...nodes, ...nodes].map((kv) =>
        runEvery(kv, options, async (tick) => void ran.push(tick)),
      );
      await vi.waitFor(() => expect(ran.length).toBeGreaterThan(8), { timeout: 5_000 });
      await Promise.all(intervals.map((interval) => interval.close()));
      expect(ran.filter((tick, at) => ran.indexOf(tick) !== at)).toEqual([]);
    });
  });
});
