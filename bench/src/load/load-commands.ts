import type { Position } from "../wires/wire.ts";
import { type BusyOptions, keepBusy } from "./busy-loop.ts";
import {
  FanoutLoad,
  type FanoutLoadOptions,
  type FanoutRun,
  type LatencyRun,
} from "./fanout-load.ts";
import { type Arrivals, NetworkLoad } from "./network-load.ts";
import { type PacedOptions, type PacedRun, publishPaced } from "./paced-publish.ts";
import { type PublishOptions, type PublishRun, publishInTurns } from "./publish-load.ts";
import { comeBack, leaveBehind, type RecoveryOptions, type RecoveryRun } from "./recovery-load.ts";
import { WebhookLoad, type WebhookLoadOptions, type WebhookRun } from "./webhook-load.ts";

/** What a load process does when it is asked, one thing at a time. */
export interface LoadCommands {
  /** Connects clients and keeps them for the commands that follow. */
  connect(options: FanoutLoadOptions): Promise<void>;
  /** @see FanoutLoad.turns */
  turns(perTurn: number, ahead: number, forMs: number): Promise<FanoutRun>;
  /** @see FanoutLoad.pace */
  pace(perSecond: number, forMs: number): Promise<LatencyRun>;
  /** @see FanoutLoad.verify */
  verify(turns: number, perTurn: number): Promise<void>;
  /** @see publishInTurns */
  publish(options: PublishOptions): Promise<PublishRun>;
  /** @see publishPaced */
  publishPaced(options: PacedOptions): Promise<PacedRun>;
  /** @see keepBusy */
  keepBusy(options: BusyOptions): Promise<void>;
  /** @see leaveBehind */
  leaveBehind(options: RecoveryOptions): Promise<readonly Position[]>;
  /** @see comeBack */
  comeBack(options: RecoveryOptions, from: readonly Position[]): Promise<RecoveryRun>;
  /** Signs webhooks and connects, for one of the commands that follow. */
  prepareWebhooks(options: WebhookLoadOptions): Promise<void>;
  /** @see WebhookLoad.pace */
  paceWebhooks(perSecond: number, uncounted: number): Promise<WebhookRun>;
  /** @see WebhookLoad.flood */
  floodWebhooks(forMs: number): Promise<WebhookRun>;
  /** Begins to be a network that takes so long to answer, ms, and gives its port. */
  openNetwork(answerMs: number): Promise<number>;
  /** How many messages the network has taken. */
  countArrivals(): Promise<number>;
  /** @see NetworkLoad.arrivals */
  arrivals(): Promise<Arrivals>;
}

let fanout: FanoutLoad | undefined;
let webhooks: WebhookLoad | undefined;
let network: NetworkLoad | undefined;

/** The commands, as the load process runs them. */
export const loadCommands: LoadCommands = {
  async connect(options) {
    fanout = await FanoutLoad.open(options);
  },
  turns: (perTurn, ahead, forMs) => connected().turns(perTurn, ahead, forMs),
  pace: (perSecond, forMs) => connected().pace(perSecond, forMs),
  verify: (turns, perTurn) => connected().verify(turns, perTurn),
  publish: publishInTurns,
  publishPaced,
  keepBusy,
  leaveBehind,
  comeBack,
  async prepareWebhooks(options) {
    webhooks?.close();
    webhooks = await WebhookLoad.open(options);
  },
  paceWebhooks: (perSecond, uncounted) => prepared(webhooks).pace(perSecond, uncounted),
  floodWebhooks: (forMs) => prepared(webhooks).flood(forMs),
  async openNetwork(answerMs) {
    network = await NetworkLoad.open(answerMs);
    return network.port;
  },
  countArrivals: async () => prepared(network).count,
  arrivals: async () => prepared(network).arrivals(),
};

function connected(): FanoutLoad {
  if (fanout === undefined) throw new Error("no clients are connected");
  return fanout;
}

function prepared<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error("nothing is prepared");
  return thing;
}
