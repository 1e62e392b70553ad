import { createMemoryPresence } from "@anywire/engines/memory";
import {
  AnywireError,
  createChannelTypeRegistry,
  createEntryId,
  type Snapshot,
} from "@anywire/types";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createAccess } from "../access/access.ts";
import { principalOf } from "../access/principal.ts";
import { Hub } from "../hub/hub.ts";
import { maskDeleted } from "../log/mask-deleted.ts";
import { createOperations, type Operations } from "../messaging/operations.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import type { Log, LogEntry } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import { createSecondLook } from "../state/second-look.ts";
import { messageKey } from "../state/state-key.ts";
import { Device, shownBy } from "./device.fixture.ts";
import { ENGINES, type Engine, type EngineSetup, openCluster } from "./inbox-engines.fixture.ts";
import { Inboxes } from "./inboxes.ts";
import { MUTED_WHILE_READ, type Step } from "./muted-while-read.fixture.ts";

const ACCOUNTS = ["ann", "bob", "carol", "dave"] as const;
const DEVICES_EACH = 2;

const KINDS =
  "group direct send send send send echo read read unread mute unmute hide unhide leave add remove role rename archive edit delete forget react pin me offline online online snapshot".split(
    " ",
  );

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...KINDS),
  fc.nat(ACCOUNTS.length - 1),
  fc.nat(7),
  fc.nat(9),
);
/** Steps of one batch are taken without waiting for each other. */
const history = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), {
  maxLength: 30,
  size: "max",
});

/** One history, on a platform of its own. */
class Play {
  /** Whether devices hear of changes some time after they are made. */
  readonly #isLate: boolean;
  readonly #state: StateStore;
  readonly #platform: string;
  readonly #operations: Operations;
  readonly #log: Log;
  readonly #devices: Device[][];
  readonly #channels: string[] = [];
  readonly #messages: { readonly channel: string; readonly id: string; readonly offset: number }[] =
    [];

  constructor(
    platform: string,
    operations: Operations,
    { log, state }: Pick<Engine, "log" | "state">,
    hub: Hub,
    isLate: boolean,
  ) {
    this.#isLate = isLate;
    this.#state = state;
    this.#platform = platform;
    this.#operations = operations;
    this.#log = log;
    this.#devices = ACCOUNTS.map((account) =>
      Array.from({ length: DEVICES_EACH }, () => {
        return new Device(hub, `${platform}.notification.${account}`, log.epoch);
      }),
    );
  }

  async call(name: string, account: number, request: object): Promise<unknown> {
    const operation = this.#operations.get(name);
    const sub = ACCOUNTS[account] ?? "ann";
    const principal = principalOf({ sub, platform: this.#platform });
    const checked = operation?.request.parse(request);
    return (await operation?.run({ principal }, checked))?.answer;
  }

  /** A refusal is an answer like any other; it must not change anything, which the end shows. */
  async take(next: Step): Promise<void> {
    try {
      await this.#take(next);
    } catch (error) {
      if (!(error instanceof AnywireError) || error.code === "internal") throw error;
    }
  }

  async #take([kind, account, where, what]: Step): Promise<void> {
    const nowhere = `${this.#platform}.group.nowhere`;
    const channel = this.#channels[where % Math.max(1, this.#channels.length)] ?? nowhere;
    const message = this.#messages[(where + what) % Math.max(1, this.#messages.length)];
    const device = this.#devices[account]?.[what % DEVICES_EACH];
    const other = `account:${ACCOUNTS[(account + 1 + (what % 3)) % ACCOUNTS.length]}`;
    const target = { channel: message?.channel ?? nowhere, id: message?.id ?? "none" };
    const steps: Readonly<Record<string, () => Promise<unknown>>> = {
      group: () => this.#open(account, "group", what),
      direct: () => this.#open(account, "direct", what),
      send: () => this.#send(account, channel, what),
      echo: () => this.#echo(channel, what),
      read: () => this.call("channel.read", account, { channel, offset: message?.offset ?? 0 }),
      unread: () =>
        this.call("channel.unread", account, {
          channel,
          ...(what < 5 && message !== undefined ? { offset: message.offset } : {}),
        }),
      mute: () => this.call("channel.mute", account, { channel, until: 1_000 + what }),
      unmute: () => this.call("channel.unmute", account, { channel }),
      hide: () => this.call("channel.hide", account, { channel }),
      unhide: () => this.call("channel.unhide", account, { channel }),
      leave: () => this.call("channel.leave", account, { channel }),
      add: () => this.call("channel.add", account, { channel, participants: [other] }),
      remove: () => this.call("channel.remove", account, { channel, participants: [other] }),
      role: () => {
        const role = ["owner", "member", "guest"][what % 3];
        return this.call("channel.role", account, { channel, participant: other, role });
      },
      rename: () => this.call("channel.update", account, { channel, title: `title ${what}` }),
      archive: () => this.call("channel.update", account, { channel, archived: what < 3 }),
      edit: () => this.call("message.edit", account, { ...target, text: `edited ${what}` }),
      delete: () => this.call("message.delete", account, target),
      forget: () => this.call("message.delete", account, { ...target, forMe: true }),
      react: () => this.call("reaction.add", account, { ...target, emoji: "👍" }),
      pin: () => this.call("pin.add", account, target),
      me: () => this.call("me.update", account, { name: `name ${what}` }),
      offline: async () => device?.disconnect(),
      online: async () => {
        if (device?.isConnected === false) await device.connect();
      },
      // Subscribed first: what comes after the snapshot must not be missed.
      snapshot: async () => {
        if (device?.isConnected === false) await device.connect();
        device?.take((await this.call("me.snapshot", account, {})) as Snapshot);
      },
    };
    await steps[kind]?.();
  }

  async #open(account: number, type: "group" | "direct", what: number): Promise<void> {
    const others = ACCOUNTS.filter((_, i) => i !== account).map((id) => `account:${id}`);
    const participants = type === "group" ? others.slice(what % 3) : [others[what % 3]];
    const past = what < 5 ? "all" : "since_joined";
    const request = { type, participants, title: `${type} ${what}`, history: past };
    const { channel } = (await this.call("channel.open", account, request)) as { channel: string };
    if (!this.#channels.includes(channel)) this.#channels.push(channel);
  }

  async #send(account: number, channel: string, what: number): Promise<void> {
    const mentions = what < 2 ? { mentions: ["account:ann"] } : {};
    const request = { channel, text: `hello ${what}`, ...mentions };
    const { id, offset } = (await this.call("message.send", account, request)) as {
      id: string;
      offset: number;
    };
    this.#messages.push({ channel, id, offset });
  }

  /** A message whose sender takes no part: everyone has yet to read it. */
  async #echo(channel: string, what: number): Promise<void> {
    const said = { text: `echo ${what}`, ...(what < 2 ? { mentions: ["account:ann"] } : {}) };
    const { entry } = await this.#log.append({
      ...{ channel, id: createEntryId(), kind: "message", sender: "function:echo" },
      dataJson: JSON.stringify(said),
    });
    this.#messages.push({ channel, id: entry.id, offset: entry.offset });
  }

  /** All accounts known, so that channels can be opened with them; every device but the last ones shows something. */
  async begin(): Promise<void> {
    for (const [account, devices] of this.#devices.entries()) {
      await this.call("me.snapshot", account, {});
      await devices[0]?.connect();
      devices[0]?.take((await this.call("me.snapshot", account, {})) as Snapshot);
    }
  }

  async check(): Promise<void> {
    for (const [account, devices] of this.#devices.entries()) {
      for (const device of devices) {
        if (!device.isConnected) await device.connect();
        if (device.shown === null) {
          device.take((await this.call("me.snapshot", account, {})) as Snapshot);
        }
      }
      const fresh = (await this.call("me.snapshot", account, {})) as Snapshot;
      // What was appended is handed out at the end of its turn.
      await Promise.resolve();
      for (const device of devices) {
        expect(device.isLost).toBe(false);
        const check = (): void => expect(device.shown).toEqual(shownBy(fresh));
        if (this.#isLate) await vi.waitFor(check, { interval: 1 });
        else check();
      }
      await this.#recount(account, fresh);
    }
  }

  /** Unread by the log alone: messages after the read mark. */
  async #recount(account: number, { channels, totals }: Snapshot): Promise<void> {
    let unread = 0;
    for (const row of channels) {
      const { entries } = await this.#log.read({
        pattern: row.channel,
        after: row.readOffset,
        limit: 10_000,
        order: "asc",
      });
      const messages = entries.filter(({ kind }) => kind === "message");
      const counted = await this.#countTaken(row.channel, messages);
      expect({ account, channel: row.channel, unread: row.unread }).toEqual({
        account,
        channel: row.channel,
        unread: counted,
      });
      if (!row.hidden) unread += counted;
    }
    expect(totals.unread).toBe(unread);
  }

  /** Of messages that were sent while their channel was archived, some are in the log of a late state and were refused by it. */
  async #countTaken(channel: string, messages: readonly LogEntry[]): Promise<number> {
    if (!this.#isLate || messages.length === 0) return messages.length;
    const { values } = await this.#state.get(messages.map(({ id }) => messageKey(channel, id)));
    return values.filter((document) => document !== undefined).length;
  }

  end(): void {
    for (const device of this.#devices.flat()) device.disconnect();
  }
}

for (const [name, setup] of Object.entries(ENGINES)) {
  describe(`on ${name}`, () => declareProperty(setup));
}

withEngine("nats", (nats) => {
  withEngine("dynamodb", (dynamodb) => {
    const open = () => openCluster(nats, dynamodb);
    describe("on NATS and DynamoDB", () => declareProperty({ open, runs: 60, isLate: true }));
  });
});

function declareProperty({ open, runs, isLate }: EngineSetup): void {
  let engine: Engine;
  let platforms = 0;

  beforeAll(async () => {
    engine = await open();
  });

  afterAll(() => engine.close());

  test("whatever happens, a snapshot and the events after it are a fresh snapshot, and unread is what a recount says", async () => {
    const { log, state } = engine;
    const presence = createMemoryPresence();
    await presence.start();
    const channelTypes = createChannelTypeRegistry();
    const readable = maskDeleted(log, state);
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.constantFrom(0, 3, 100),
        fc.constantFrom(2, 50),
        async (batches, ringSize, pageSize) => {
          platforms += 1;
          const inboxes = new Inboxes({ state, log: readable });
          const access = createAccess({
            channelTypes,
            state,
            membershipOf: (name, channel) => inboxes.membershipOf(name, channel),
            secondLook: createSecondLook(log, state),
          });
          const pipeline = createPipeline({
            access,
            log,
            presence,
            maxMessageBytes: 9_999,
            maxDepth: 9,
          });
          const accountPresences = { of: async () => [] };
          const model = { access, pipeline, log, state, presence, accountPresences, channelTypes };
          const operations = createOperations({ ...model, maxParticipants: 10 });
          const bounds = {
            ringSize,
            ringBytes: 1_000_000,
            pageSize,
            idleTopics: 1,
            maxJoinListeners: 100,
          };
          const hub = new Hub({ log: readable, presence, feed: inboxes, ...bounds });
          const stop = inboxes.start({ onEvent: (entry) => hub.take(entry), onLeft: () => {} });
          hub.start();
          const play = new Play(`p${platforms}`, operations, engine, hub, isLate ?? false);
          try {
            await play.begin();
            for (const batch of batches) await Promise.all(batch.map((next) => play.take(next)));
            await play.check();
          } finally {
            play.end();
            stop();
            hub.close();
          }
        },
      ),
      { numRuns: runs, endOnFailure: false, examples: [MUTED_WHILE_READ] },
    );
    // Nothing of it was only in memory: the log alone gives the same state.
    const dump = async (): Promise<string> =>
      JSON.stringify(await state.dump(undefined, 10_000_000));
    const before = await dump();
    await state.rebuild();
    expect((await dump()) === before).toBe(true);
  }, 300_000);
}
