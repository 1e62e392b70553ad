import type { AfterSignal, BeforePublish, BeforeSignal, DeadLetter } from "@anywire/core";
import { AnywireError, createChannelTypeRegistry, toAnywireError } from "@anywire/types";
import type { ResponseResult } from "../../author/results.ts";
import type { Trigger } from "../../author/trigger.ts";
import type { Revision } from "../bundle/revision.ts";
import type { FunctionPool, PoolLimits, PoolStats } from "../pool/function-pool.ts";
import type { HostCalls, RunReport } from "../run.ts";
import { AfterFunctions, type ConsumerAtWork } from "./after-functions.ts";
import { BeforeFunctions } from "./before-functions.ts";
import { entrySubject, signalSubject } from "./before-subject.ts";
import { replayDeadLetters } from "./dead-letters.ts";
import { Deployed } from "./deployed.ts";
import type { Deployment } from "./deployment.ts";
import { EffectNotes } from "./effect-notes.ts";
import { FairSlots } from "./fair-slots.ts";
import type {
  FunctionHost,
  FunctionHostOptions,
  FunctionStatus,
  HostRequest,
  Replayed,
  Trial,
} from "./function-host.ts";
import { FunctionLog } from "./function-log.ts";
import { FunctionRuns } from "./function-runs.ts";
import { RunCounter } from "./function-stats.ts";
import { type BoundFunction, FunctionTable } from "./function-table.ts";
import { isAfterTrigger } from "./happenings.ts";
import { createHostCalls } from "./host-calls.ts";
import { LiveEvents } from "./live-events.ts";
import { createRedact } from "./redact.ts";
import { RequestFunctions } from "./request-functions.ts";
import { RevisionPools } from "./revision-pools.ts";
import { RunsInTheWay } from "./runs-in-the-way.ts";
import { Schedules } from "./schedules.ts";
import { SharedStats } from "./shared-stats.ts";
import { toTrialJob } from "./trial.ts";

/** How often this node tells the others how its functions do, and how many lines it left out, ms. */
const TELL_MS = 5_000;
const NOTHING: Deployment = { active: { id: "none", functions: [] }, disabled: [], since: {} };

/** Puts a host together. It runs nothing before `deploy`. */
export function createFunctionHost(options: FunctionHostOptions): FunctionHost {
  return new Host(options);
}

class Host implements FunctionHost {
  readonly beforePublish: BeforePublish;
  readonly beforeSignal: BeforeSignal;
  readonly afterSignal: AfterSignal;
  readonly #options: FunctionHostOptions;
  readonly #deployed = new Deployed(new FunctionTable(NOTHING, () => undefined));
  readonly #notes = new EffectNotes();
  readonly #inTheWay = new RunsInTheWay();
  readonly #stats: SharedStats;
  readonly #log: FunctionLog;
  readonly #runs: FunctionRuns;
  readonly #pools: RevisionPools;
  readonly #after: AfterFunctions;
  readonly #live: LiveEvents;
  readonly #schedules: Schedules;
  readonly #requests: RequestFunctions;
  #calls: HostCalls = () => Promise.reject(notBound());
  #assertFits: (data: unknown) => void = () => {
    throw notBound();
  };
  #deploying: Promise<void> = Promise.resolve();
  #incoming = NOTHING;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | null = null;

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    const { log, kv, presence, limits, secrets, defaultPlatform, onError, onRun } = options;
    const { pool, deadlines, maxHops, maxLogLinesPerMinute, maxResponseBytes } = limits;
    const redact = createRedact(secrets);
    const deployed = this.#deployed;
    this.#stats = new SharedStats(kv);
    this.#log = new FunctionLog({ log, redact, maxLinesPerMinute: maxLogLinesPerMinute, onError });
    const runs = new FunctionRuns({
      deadlines,
      log: this.#log,
      stats: this.#stats,
      notes: this.#notes,
      redact,
      ...(onRun && { onRun }),
    });
    this.#runs = runs;
    this.#pools = new RevisionPools(
      (revision) =>
        options.createPool({
          revision,
          limits: pool,
          calls: (origin, method, args) => this.#calls(origin, method, args),
          onWorkerError: (text) => onError(new AnywireError("internal", redact(text))),
        }),
      onError,
    );
    const { channelTypes = createChannelTypeRegistry() } = options;
    const assertFits = (data: unknown): void => this.#assertFits(data);
    const before = { deployed, runs, inTheWay: this.#inTheWay, channelTypes, maxHops };
    const entries = new BeforeFunctions(before, entrySubject(assertFits));
    const signals = new BeforeFunctions(before, signalSubject(assertFits));
    this.beforePublish = (draft) => entries.review(draft);
    this.beforeSignal = (draft) => signals.review(draft);
    this.#live = new LiveEvents({ log, presence, deployed, onError });
    this.afterSignal = this.#live.afterSignal;
    const slots = slotsFor(pool);
    this.#after = new AfterFunctions({ log, deployed, runs, slots, onError });
    this.#schedules = new Schedules({ kv, deployed, runs, defaultPlatform, onError });
    this.#requests = new RequestFunctions({ deployed, runs, defaultPlatform, maxResponseBytes });
  }

  bind({ pipeline, operations }: Parameters<FunctionHost["bind"]>[0]): void {
    const { kv, presence, secrets, limits } = this.#options;
    const { maxKeys, maxHops } = limits;
    this.#assertFits = (data) => pipeline.assertFits(data);
    this.#calls = createHostCalls({
      kv,
      presence,
      pipeline,
      operations,
      secrets,
      maxKeys,
      maxHops,
      notes: this.#notes,
      onSend: (trace, { key }) => this.#inTheWay.onSend(trace, key),
    });
  }

  async start(): Promise<void> {
    this.#live.start();
    this.#timer = setInterval(() => void this.#tell(), TELL_MS);
    this.#timer.unref();
  }

  isInTheWayOf(channel: string): boolean {
    return this.#deployed.table.before("beforePublish", channel).length > 0;
  }

  deploy(deployment: Deployment): Promise<void> {
    const deploying = this.#deploying.then(() => this.#deploy(deployment));
    this.#deploying = deploying.catch(() => {});
    return deploying;
  }

  onPresence(event: Parameters<FunctionHost["onPresence"]>[0]): Promise<void> {
    return this.#live.onPresence(event);
  }

  request(request: HostRequest): Promise<ResponseResult | undefined> {
    return this.#requests.answer(request);
  }

  async trial(name: string, trial: Trial): Promise<RunReport> {
    const held = this.#deployed.hold();
    try {
      const [bound] = held.table.named(name);
      if (bound === undefined) throw notThere(name);
      const job = toTrialJob(bound, trial, this.#options.defaultPlatform);
      return await this.#runs.trial(job, trial.effects ?? "discard");
    } finally {
      held.letGo();
    }
  }

  async list(): Promise<readonly FunctionStatus[]> {
    const sums = await this.#stats.sum();
    const { all } = this.#deployed.table;
    return await Promise.all(
      all.map(async ({ description, pool, isDisabled }): Promise<FunctionStatus> => {
        const { name } = description;
        return {
          ...description,
          revision: pool.revision,
          state: isDisabled ? "disabled" : "running",
          stats: (sums.get(name) ?? new RunCounter()).toStats(),
          lag: (await this.#after.consumer(name)?.lag()) ?? null,
        };
      }),
    );
  }

  async deadLetters(name: string, after: number, limit: number): Promise<readonly DeadLetter[]> {
    return await this.#consumer(name).deadLetters(after, limit);
  }

  async replay(name: string, offset?: number): Promise<Replayed> {
    return await replayDeadLetters(this.#consumer(name), offset);
  }

  stats(): PoolStats {
    return this.#pools.stats();
  }

  close(withinMs?: number): Promise<void> {
    this.#closing ??= this.#closeWithin(withinMs);
    return this.#closing;
  }

  async #closeWithin(withinMs: number | undefined): Promise<void> {
    const stop = (): void => this.#pools.stop();
    const late = withinMs === undefined ? undefined : setTimeout(stop, withinMs);
    await this.#close();
    clearTimeout(late);
  }

  async #deploy(deployment: Deployment): Promise<void> {
    if (this.#closing !== null) throw new AnywireError("unavailable", "the server is stopping");
    this.#incoming = deployment;
    await this.#pools.load(revisionsOf(deployment));
    const poolOf = (revision: string): FunctionPool | undefined => this.#pools.get(revision);
    const replaced = this.#deployed.replace(new FunctionTable(deployment, poolOf));
    // What is under way with what was there before comes to its end.
    void replaced.then(() => this.#pools.keepOnly(this.#revisionsInUse()));
    if (!this.#options.runsAfter) return;
    this.#schedules.sync();
    await this.#after.sync();
  }

  /** Those of all tables that are in use, and of the one that is about to be. */
  #revisionsInUse(): ReadonlySet<string> {
    const deployments = this.#deployed.tables.map(({ deployment }) => deployment);
    const revisions = [...deployments, this.#incoming].flatMap(revisionsOf);
    return new Set(revisions.map(({ id }) => id));
  }

  #consumer(name: string): ConsumerAtWork {
    const [bound] = this.#deployed.table.named(name);
    if (bound === undefined) throw notThere(name);
    const { trigger } = bound.description;
    if (!isAfterTrigger(trigger)) throw keepsNone(name, trigger);
    const consumer = this.#after.consumer(name);
    if (consumer !== undefined) return consumer;
    throw new AnywireError("unavailable", this.#whyNotAtWork(bound));
  }

  #whyNotAtWork({ description: { name }, isDisabled }: BoundFunction): string {
    if (isDisabled) return `${name} is disabled; enable it first`;
    if (this.#options.runsAfter) return `${name} is about to begin; try again`;
    return "this server does not run functions after something; ask one with the role functions";
  }

  async #tell(): Promise<void> {
    this.#log.tellLeftOut();
    try {
      await this.#stats.tell();
    } catch (error) {
      this.#options.onError(toAnywireError(error));
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#deploying;
    await Promise.all([this.#schedules.close(), this.#after.close(), this.#live.close()]);
    await this.#runs.close();
    await this.#pools.close();
    this.#log.tellLeftOut(true);
    await this.#log.flush();
    await this.#stats.close().catch(this.#options.onError);
  }
}

/**
 * What runs after something leaves half of the room in the workers to what somebody waits for, and one function leaves three
 * quarters of the rest to the others.
 */
function slotsFor({ minWorkers, maxConcurrentRuns }: PoolLimits): FairSlots {
  const total = Math.ceil((minWorkers * maxConcurrentRuns) / 2);
  return new FairSlots(total, Math.ceil(total / 4));
}

function revisionsOf({ active, canary, shadow }: Deployment): Revision[] {
  return [active, canary?.revision, shadow].filter((revision) => revision !== undefined);
}

function notThere(name: string): AnywireError {
  return new AnywireError("not_found", `there is no function ${JSON.stringify(name.slice(0, 64))}`);
}

function keepsNone(name: string, trigger: Trigger): AnywireError {
  return new AnywireError(
    "not_found",
    `${name} is bound by ${trigger}: only what runs after something is kept when it fails`,
  );
}

function notBound(): AnywireError {
  return new AnywireError("internal", "the host of functions is not bound to a pipeline");
}
