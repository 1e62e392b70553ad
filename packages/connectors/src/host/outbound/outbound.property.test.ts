import { afterEach, describe, expect, test, vi } from "vitest";
import type { SendJob, SendResult } from "../../contract/send.ts";
import { createDesks, DESK_BACKENDS, type OutboundDesk } from "./outbound-desk.fixture.ts";
import {
  accepted,
  rejected,
  ScriptedNetwork,
  scriptedConnector,
} from "./scripted-connector.fixture.ts";

/** The same numbers each time, so that a failure can be looked at again. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** A network that fails in every way it can, and knows what it really took. */
class MoodyNetwork extends ScriptedNetwork {
  /** How often each message was really taken, by what it says. */
  readonly taken = new Map<string, number>();
  readonly order: string[] = [];
  readonly #roll: () => number;

  constructor(seed: number) {
    super();
    this.#roll = dice(seed);
    this.otherwise = (job) => this.#answer(job);
  }

  #take({ content }: SendJob): void {
    this.taken.set(content.text, (this.taken.get(content.text) ?? 0) + 1);
    this.order.push(content.text);
  }

  #answer(job: SendJob): SendResult {
    const luck = this.#roll();
    if (luck < 0.05) return rejected("unknown");
    if (luck < 0.08) return rejected("network");
    if (luck < 0.1) return rejected("rate_limited", { retryAfterMs: 2 });
    if (luck < 0.12) return rejected("auth");
    if (luck < 0.15) return rejected("content_rejected");
    if (luck < 0.2) {
      if (luck < 0.18) this.#take(job);
      if (luck < 0.17) throw new Error("lost");
      return { outcome: "unknown", reason: "silence" };
    }
    this.#take(job);
    return accepted(job);
  }
}

const CHANNELS = 50;
const MESSAGES = 500;

describe.each(Object.entries(DESK_BACKENDS))("a moody network on %s", (_name, createBackend) => {
  const { backend, open, end } = createDesks(createBackend);
  afterEach(end);

  async function isOver(desk: OutboundDesk, channels: readonly string[]): Promise<void> {
    await vi.waitFor(
      async () => {
        const all = (await Promise.all(channels.map((one) => desk.deliveries(one)))).flat();
        expect(all.length).toBe(MESSAGES);
        expect(all.filter(({ isOpen }) => isOpen)).toEqual([]);
      },
      { timeout: 60_000, interval: 50 },
    );
  }

  test("of 500 messages none is sent twice unless it surely had not gone out, none is lost, and each channel keeps its order, though the node dies twice", {
    timeout: 120_000,
  }, async () => {
    const network = new MoodyNetwork(7);
    const connector = scriptedConnector(network);
    const on = await backend();
    const settings = { windowDeliveries: 60, breakerFailures: 3 };
    let desk = await open(on, [connector], { settings });
    await desk.connect(connector, "main");
    const channels: string[] = [];
    for (let n = 0; n < CHANNELS; n += 1) channels.push(await desk.person(n));
    desk.outbound.start();
    for (let n = 0; n < MESSAGES; n += 1) {
      await desk.say(channels[n % CHANNELS] ?? "", `m${n}`);
      if (n !== 150 && n !== 350) continue;
      await vi.waitFor(() => expect(network.jobs.length).toBeGreaterThan(n / 5), {
        timeout: 30_000,
      });
      // What is at the network and not on record is lost to it, as in a crash.
      const left = desk;
      desk = await open(on, [connector], { settings });
      await left.outbound.close(0);
      desk.outbound.start();
    }
    await isOver(desk, channels);

    for (const [text, times] of network.taken) expect([text, times]).toEqual([text, 1]);
    const all = (await Promise.all(channels.map((one) => desk.deliveries(one)))).flat();
    const byStatus = Object.groupBy(all, ({ status }) => status);
    expect(Object.keys(byStatus).sort()).toEqual(["failed", "sent", "unconfirmed"]);
    for (const channel of channels) await expectOrder(desk, channel, network.order);
    const sent = (byStatus.sent ?? []).length;
    expect(network.taken.size).toBeGreaterThanOrEqual(sent);
    expect(network.taken.size).toBeLessThanOrEqual(sent + (byStatus.unconfirmed ?? []).length);
    expect(byStatus.failed?.every(({ error }) => error?.class !== undefined)).toBe(true);
  });
});

/** What the network took of a channel is in the order in which it was said. */
async function expectOrder(
  desk: OutboundDesk,
  channel: string,
  order: readonly string[],
): Promise<void> {
  const page = await desk.stores.log.read({ pattern: channel, limit: 1_000, order: "asc" });
  const said = page.entries
    .filter(({ kind }) => kind === "message")
    .map(({ dataJson }) => (JSON.parse(dataJson) as { text: string }).text);
  const taken = order.filter((text) => said.includes(text));
  expect(taken).toEqual(said.filter((text) => taken.includes(text)));
}
