import { randomUUID } from "node:crypto";
import { AccountPresences, type Presence } from "@anywire/core";
import { type AccountPresence, presenceChannel } from "@anywire/types";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryLog, createMemoryState, MemoryLogBackend } from "../memory/index.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsPresence } from "./nats-presence.ts";

const BOB = { platform: "production", accountId: "bob" };
const PHONE = "c-1";

withEngine("nats", (url) => {
  describe("the presence of accounts on NATS", () => {
    let prefix: string;
    let backend: MemoryLogBackend;
    const closing: (() => Promise<unknown>)[] = [];

    beforeEach(() => {
      prefix = `t${randomUUID().slice(0, 8)}`;
      backend = new MemoryLogBackend();
    });

    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
      const connection = await connect({ servers: url });
      await connection.request(`$JS.API.STREAM.DELETE.KV_${prefix}-presence`);
      await connection.close();
    });

    async function startNode(graceMs: number) {
      const [log, state] = [createMemoryLog(backend), createMemoryState(backend)];
      const presence: Presence = createNatsPresence(createNatsLink({ servers: [url], prefix }));
      await Promise.all([log.start(), state.start(), presence.start()]);
      const onError = (error: unknown): void => expect.fail(String(error));
      const presences = new AccountPresences({ presence, log, state, graceMs, onError });
      const told: string[] = [];
      presences.start({
        isWatched: (channel) => channel === presenceChannel("production", "bob"),
        tellHere: (event) => {
          if (event.type !== "signal") return;
          told.push((JSON.parse(event.dataJson) as AccountPresence).status);
        },
      });
      const close = async (): Promise<void> => {
        await presences.close();
        await presence.close();
      };
      closing.unshift(close);
      const status = async () => (await presences.of("production", ["bob"]))[0]?.status;
      return { presences, told, status, close };
    }

    it("is the same on every node within the grace, whatever became of the node of the last device", async () => {
      const [first, second] = [await startNode(8_000), await startNode(8_000)];
      await first.presences.arrive(BOB, PHONE);
      await first.presences.setStatus(BOB, PHONE, "away");
      expect(await second.status()).toBe("away");
      await first.presences.depart(BOB, PHONE);
      expect(await second.status()).toBe("away");
      await first.close();
      expect(await second.status()).toBe("away");
      const third = await startNode(8_000);
      expect(await third.status()).toBe("away");
      await second.presences.arrive(BOB, "c-2");
      expect(await third.status()).toBe("online");
    });

    it("ends with the grace on a node that did not hear it begin, and is told to those who asked there", async () => {
      const [first, second] = [await startNode(500), await startNode(500)];
      await first.presences.arrive(BOB, PHONE);
      await first.presences.depart(BOB, PHONE);
      expect(await second.status()).toBe("online");
      await vi.waitFor(() => expect(second.told).toEqual(["offline"]));
      expect(await second.status()).toBe("offline");
    });
  });
});
