import type { Position } from "../wires/wire.ts";
import { type BusyOptions, keepBusy } from "./busy-loop.ts";
import {
  FanoutLoad,
  type FanoutLoadOptions,
  type FanoutRun,
  type LatencyRun,
} from "./fanout-load.ts";
import { type PacedOptions, type PacedRun, publishPaced } from "./paced-publish.ts";
import { type PublishOptions, type PublishRun, publishInTurns } from "./publish-load.ts";
import { comeBack, leaveBehind, type RecoveryOptions, type RecoveryRun } from "./recovery-load.ts";

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
}

let fanout: FanoutLoad | undefined;

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
};

function connected(): FanoutLoad {
  if (fanout === undefined) throw new Error("no clients are connected");
  return fanout;
}
