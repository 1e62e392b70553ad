import type { Log, LogEntry } from "@anywire/core";
import { type AnywireError, accountAddress, createEntryId } from "@anywire/types";
import { ChannelFollower } from "./channel-follower.ts";
import { DEPLOYMENTS_CHANNEL, type DeploymentData } from "./deployment-data.ts";
import {
  type DeploymentState,
  deploymentDataOf,
  foldDeployment,
  NOTHING_DEPLOYED,
  refusalOf,
} from "./fold-deployment.ts";

/** What decisions need. */
export interface DecisionsOptions {
  readonly log: Pick<Log, "append" | "read" | "tail">;
  /** Told of each decision that was made since the start, on whatever node, when `state` has it. Must not throw. */
  readonly onDecision: (data: DeploymentData, before: DeploymentState) => void;
  readonly onError: (error: AnywireError) => void;
}

/** The decisions about functions, in their order, and what follows from them: the same on every node. */
export class Decisions {
  readonly #options: DecisionsOptions;
  readonly #follower: ChannelFollower;
  #state: DeploymentState = NOTHING_DEPLOYED;
  /** Those of this node that are on their way, by the ids of their entries, and why they came to nothing. */
  readonly #own = new Map<string, AnywireError | undefined>();

  constructor(options: DecisionsOptions) {
    this.#options = options;
    const { log, onError } = options;
    const onEntry = (entry: LogEntry, isNew: boolean): void => this.#take(entry, isNew);
    this.#follower = new ChannelFollower({ log, channel: DEPLOYMENTS_CHANNEL, onEntry, onError });
  }

  /** What follows from those that this node knows. */
  get state(): DeploymentState {
    return this.#state;
  }

  /** Resolves when the state has all that was decided so far. */
  start(): Promise<void> {
    return this.#follower.start();
  }

  /** Resolves when the state has all that was decided before the call, on whatever node. */
  catchUp(): Promise<void> {
    return this.#follower.catchUp();
  }

  /**
   * Resolves when the state has it. @param id that of its entry: the same again is the same decision
   * @throws {AnywireError} why it cannot be made.
   */
  async make(data: DeploymentData, by: string, id = createEntryId()): Promise<void> {
    // Another node may have decided something that this one depends on.
    await this.#follower.catchUp();
    const refusal = refusalOf(this.#state, data);
    if (refusal !== undefined) throw refusal;
    this.#own.set(id, undefined);
    try {
      await this.#options.log.append({
        channel: DEPLOYMENTS_CHANNEL,
        id,
        kind: "deployment",
        sender: accountAddress(by),
        dataJson: JSON.stringify(data),
      });
      await this.#follower.catchUp();
      const tooLate = this.#own.get(id);
      if (tooLate !== undefined) throw tooLate;
    } finally {
      this.#own.delete(id);
    }
  }

  /** Hears nothing more. */
  close(): void {
    this.#follower.close();
  }

  #take(entry: LogEntry, isNew: boolean): void {
    const before = this.#state;
    const data = deploymentDataOf(entry);
    if (data === undefined) return;
    if (this.#own.has(entry.id)) this.#own.set(entry.id, refusalOf(before, data));
    this.#state = foldDeployment(before, entry);
    if (isNew) this.#options.onDecision(data, before);
  }
}
