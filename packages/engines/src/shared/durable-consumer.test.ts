import type { EntryHandler, Listening, LogQuery } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MemoryConsumerStore } from "../memory/memory-consumer-store.ts";
import { MemoryLogBackend } from "../memory/memory-log-backend.ts";
import { hearAll } from "./hear-all.ts";
import { NodeConsumers } from "./node-consumers.ts";

const LEASE_MS = 3_000;
const OPTIONS = { name: "worker", pattern: "production.group.*" };

describe("a durable consumer", () => {
  let backend: MemoryLogBackend;
  let store: MemoryConsumerStore;
  let node: NodeConsumers;
  /** What answers of the store wait for. */
  let leaseAnswers: Promise<void>;
  let saveAnswers: Promise<void>;
  let isCut: boolean;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
    backend = new MemoryLogBackend();
    leaseAnswers = Promise.resolve();
    saveAnswers = Promise.resolve();
    isCut = false;
    store = slowStore(backend.consumers);
    node = new NodeConsumers(
      {
        read: async (query: LogQuery) => backend.read(query),
        head: async (pattern) => backend.head(pattern),
        tail: (deliver): Listening => hearAll(backend.tail(deliver)),
      },
      store,
      LEASE_MS,
    );
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function slowStore(real: MemoryConsumerStore): MemoryConsumerStore {
    const slow = Object.create(real) as MemoryConsumerStore;
    return Object.assign(slow, {
      open: real.open.bind(real),
      release: real.release.bind(real),
      load: real.load.bind(real),
      position: real.position.bind(real),
      deadLetters: real.deadLetters.bind(real),
      end: real.end.bind(real),
      lease: async (...args: Parameters<MemoryConsumerStore["lease"]>) => {
        if (isCut) throw new Error("cut off");
        const taken = await real.lease(...args);
        await leaseAnswers;
        return taken;
      },
      save: async (...args: Parameters<MemoryConsumerStore["save"]>) => {
        await saveAnswers;
        return await real.save(...args);
      },
    });
  }

  function append(): void {
    const draft = { id: createEntryId(), sender: "account:ann", dataJson: "1" };
    backend.append({ ...draft, channel: "production.group.room", kind: "message" }, Date.now());
  }

  function recorder(): { handle: EntryHandler; handled: number[] } {
    const handled: number[] = [];
    return { handled, handle: async ({ offset }) => void handled.push(offset) };
  }

  /** Another node takes over, and ends. */
  async function loseLease(): Promise<void> {
    isCut = true;
    await pass(LEASE_MS);
    expect(await backend.consumers.lease("other", [OPTIONS.name], LEASE_MS)).toHaveLength(1);
    await backend.consumers.end("other");
    isCut = false;
    await pass(LEASE_MS);
  }

  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  // What came between the end of a lease and its late renewal was never begun, until the next entry came.
  it("does what waited for the renewal of its lease when that comes late", async () => {
    const { handle, handled } = recorder();
    const consumer = await node.consume(OPTIONS, handle);
    const late = Promise.withResolvers<void>();
    leaseAnswers = late.promise;
    await pass(LEASE_MS + 100);
    append();
    await pass(100);
    expect(handled).toEqual([]);
    late.resolve();
    await pass(0);
    expect(handled).toEqual([1]);
    await consumer.close();
  });

  // It dropped the work of the lease that came after it, and let that be begun beside what still ran.
  it("goes on when a save of an earlier lease turns out to have come too late", async () => {
    const { handle, handled } = recorder();
    const consumer = await node.consume(OPTIONS, handle);
    const late = Promise.withResolvers<void>();
    saveAnswers = late.promise;
    append();
    await pass(100);
    await loseLease();
    saveAnswers = Promise.resolve();
    late.resolve();
    await pass(0);
    expect(await consumer.lag()).toBe(0);
    expect(handled).toEqual([1, 1]);
    append();
    await pass(0);
    expect(handled).toEqual([1, 1, 2]);
    await consumer.close();
  });

  // Who started the consumer again at once had the entry handled twice at the same time.
  it("waits on closing for handlers that began under a lease it lost", async () => {
    const gate = Promise.withResolvers<void>();
    const consumer = await node.consume(OPTIONS, () => gate.promise);
    append();
    await pass(0);
    await loseLease();
    const steps: string[] = [];
    const closing = consumer.close().then(() => steps.push("closed"));
    await pass(LEASE_MS);
    steps.push("handled");
    gate.resolve();
    await closing;
    expect(steps).toEqual(["handled", "closed"]);
  });
});
