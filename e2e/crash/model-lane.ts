import { setTimeout as pause } from "node:timers/promises";
import type { AnywireClient, RequestArguments } from "@anywire/client";
import type { AnywireError, RpcAnswer, RpcMethod, RpcRequest } from "@anywire/types";
import { expect, vi } from "vitest";
import { connectClient } from "../support/connect-client.ts";
import type { Reachable } from "../support/sdk-client.ts";
import { EVENTUALLY } from "./cluster-load.ts";

/** Rounds of operations in one channel before the next one is opened. */
const ROUNDS_IN_A_CHANNEL = 4;
const ASK_AGAIN_MS = 50;

/** What was answered of one channel, and so has to last. */
interface Kept {
  /** By id. */
  readonly texts: Map<string, string>;
  hasFriend: boolean;
  /** Null until a read was answered: then it is where the channel was opened. */
  readOffset: number | null;
}

/** One account that does one thing of the model after the other, each again until it is answered. */
export interface ModelLane {
  /** Operations that were answered. */
  readonly answered: number;
  /** The longest time that one operation took to be answered, ms. */
  readonly longestMs: number;
  /** Resolves when so many more were answered. */
  more(count: number): Promise<void>;
  /** Begins nothing more; resolves when what was begun is answered. */
  stop(): Promise<void>;
  /** Asserts that all that was answered can be read. */
  assertKept(): Promise<void>;
}

/** Lets an account work on the model until it is stopped; its friend is known already. */
export async function startModelLane(
  node: Reachable,
  account: string,
  friend: string,
): Promise<ModelLane> {
  const client = await connectClient(node, account, { maxReconnectDelayMs: 300 });
  const lane = new Lane(client, `account:${friend}`);
  lane.start();
  return lane;
}

class Lane implements ModelLane {
  readonly #client: AnywireClient;
  readonly #friend: string;
  readonly #kept = new Map<string, Kept>();
  #answered = 0;
  #longestMs = 0;
  #isStopped = false;
  #working: Promise<void> = Promise.resolve();

  constructor(client: AnywireClient, friend: string) {
    this.#client = client;
    this.#friend = friend;
  }

  get answered(): number {
    return this.#answered;
  }

  get longestMs(): number {
    return Math.round(this.#longestMs);
  }

  start(): void {
    this.#working = this.#work();
  }

  async more(count: number): Promise<void> {
    const enough = this.#answered + count;
    await vi.waitFor(() => expect(this.#answered).toBeGreaterThanOrEqual(enough), EVENTUALLY);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#working;
  }

  async assertKept(): Promise<void> {
    const { channels } = await this.#client.call("me.snapshot");
    expect(channels.map(({ channel }) => channel).sort()).toEqual([...this.#kept.keys()].sort());
    for (const [channel, { texts, hasFriend, readOffset }] of this.#kept) {
      const { participants } = await this.#client.call("channel.participants", { channel });
      const addresses = participants.map(({ address }) => address);
      expect(addresses.includes(this.#friend)).toBe(hasFriend);
      const { messages } = await this.#client.call("message.list", { channel, limit: 200 });
      expect(new Map(messages.map(({ id, data }) => [id, data?.text]))).toEqual(texts);
      const row = channels.find((one) => one.channel === channel);
      if (readOffset !== null) expect(row?.readOffset).toBe(readOffset);
    }
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      const participants = [this.#friend];
      const id = crypto.randomUUID();
      const { channel } = await this.#ask("channel.open", { type: "group", id, participants });
      const kept: Kept = { texts: new Map(), hasFriend: true, readOffset: null };
      this.#kept.set(channel, kept);
      for (let round = 0; round < ROUNDS_IN_A_CHANNEL && !this.#isStopped; round += 1) {
        await this.#workIn(channel, kept);
      }
    }
  }

  async #workIn(channel: string, kept: Kept): Promise<void> {
    const id = crypto.randomUUID();
    const { offset } = await this.#ask("message.send", { channel, id, text: "said" });
    kept.texts.set(id, "said");
    await this.#ask("message.edit", { channel, id, text: `edited ${offset}` });
    kept.texts.set(id, `edited ${offset}`);
    const method = kept.hasFriend ? "channel.remove" : "channel.add";
    await this.#ask(method, { channel, participants: [this.#friend] });
    kept.hasFriend = !kept.hasFriend;
    const { readOffset } = await this.#ask("channel.read", { channel, offset });
    kept.readOffset = readOffset;
  }

  async #ask<Method extends RpcMethod>(
    method: Method,
    request: RpcRequest<Method>,
  ): Promise<RpcAnswer<Method>> {
    const from = performance.now();
    for (;;) {
      try {
        const answer = await this.#client.call(
          method,
          ...([request] as RequestArguments<RpcRequest<Method>>),
        );
        this.#answered += 1;
        this.#longestMs = Math.max(this.#longestMs, performance.now() - from);
        return answer;
      } catch (error) {
        const { code } = error as AnywireError;
        // Who is out already cannot be taken out: the first attempt had done it, and its answer was lost.
        if (method === "channel.remove" && code === "not_found") return {} as RpcAnswer<Method>;
        if (code !== "unavailable") throw error;
        // The test is over: nobody waits for this any more.
        if (this.#client.state === "disconnected") return await new Promise(() => {});
        await pause(ASK_AGAIN_MS);
      }
    }
  }
}
