import { AnywireError, toAnywireError } from "@anywire/types";
import { FunctionBuildError, type Revision } from "../bundle/revision.ts";
import { revisionId } from "../bundle/revision-id.ts";
import { FunctionWatcher } from "../development/function-watcher.ts";
import type { Wish } from "./candidates.ts";
import { Decisions } from "./decisions.ts";
import type { DeploymentData } from "./deployment-data.ts";
import type { DeploymentInfo, Deployments, RevisionInfo } from "./deployments.ts";
import type { DeploymentsOptions } from "./deployments-options.ts";
import { DirectorySource } from "./directory-source.ts";
import { type DeploymentState, functionsOf } from "./fold-deployment.ts";
import { createRevisionStore, type RevisionStore } from "./revision-store.ts";
import { type RolledOut, Rollout, type Running } from "./rollout.ts";

/** Follows the decisions about functions, and has what they say run here. */
export function createDeployments(options: DeploymentsOptions): Deployments {
  return new FollowedDeployments(options);
}

/** What changes nothing about what runs. */
const RUNNING_ON: ReadonlySet<DeploymentData["action"]> = new Set(["put", "fail", "replay"]);

/** Where the active revision comes from files. */
interface Files {
  readonly directory: string;
  readonly source: DirectorySource;
  readonly watcher: FunctionWatcher;
}

class FollowedDeployments implements Deployments {
  readonly #options: DeploymentsOptions;
  readonly #store: RevisionStore;
  readonly #decisions: Decisions;
  readonly #rollout: Rollout;
  readonly #files: Files | null;
  /** When what was decided last runs. */
  #latest: Promise<RolledOut> | null = null;
  /** The problem or failure that was told last; null when all is well again. */
  #told: string | null = null;
  #isClosed = false;

  constructor(options: DeploymentsOptions) {
    const { log, blobs, onError, onDeployment: run, directory } = options;
    this.#options = options;
    this.#store = createRevisionStore(blobs);
    this.#decisions = new Decisions({
      log,
      onDecision: (data, before) => this.#onDecision(data, before),
      onError,
    });
    this.#rollout = new Rollout({ load: (id) => this.#load(id), run });
    this.#files = directory === undefined ? null : this.#filesIn(directory);
  }

  async start(): Promise<void> {
    await this.#decisions.start();
    await this.#files?.watcher.start();
    // Files that cannot be built are no revision; what is disabled then is.
    if (this.#files === null || this.#rollout.running === null) await this.#rollOut();
  }

  async put(revision: Revision, by: string, note = ""): Promise<RevisionInfo> {
    this.#assertDeployable();
    const { id } = revision;
    const names = revision.functions.map(({ name }) => name);
    if (revisionId(revision.functions) !== id) {
      const message = `${id} is not the id of this code: build the revision with the same version of Anywire as the server's`;
      throw new AnywireError("bad_request", message);
    }
    await this.#store.put(revision);
    // One entry for each revision, also when it is put up twice at the same time.
    await this.#decisions.make(
      { action: "put", revision: id, functions: names, note },
      by,
      `put-${id}`,
    );
    const info = this.#decisions.state.revisions.get(id);
    if (info === undefined) throw new AnywireError("internal", `revision ${id} was not announced`);
    return info;
  }

  revisions(): readonly RevisionInfo[] {
    return [...this.#decisions.state.revisions.values()].reverse();
  }

  current(): DeploymentInfo {
    const { running } = this.#rollout;
    return {
      source: this.#files === null ? "deployments" : "directory",
      active: running?.candidate.active ?? null,
      canary: running?.candidate.canary ?? null,
      shadow: running?.candidate.shadow ?? null,
      disabled: running?.deployment.disabled ?? [],
      problems: this.#problems(running),
    };
  }

  async activate(revision: string, by: string): Promise<void> {
    this.#assertDeployable();
    await this.#run(revision, { action: "activate", revision }, by);
  }

  async rollBack(by: string): Promise<void> {
    this.#assertDeployable();
    await this.#decisions.catchUp();
    const { active: from, previous } = this.#decisions.state;
    const to = previous.at(-1);
    if (from === null || to === undefined) {
      throw new AnywireError(
        "not_found",
        "no other revision was active before: there is none to go back to",
      );
    }
    await this.#run(to, { action: "rollback", from, to }, by);
  }

  async canary(
    choice: { readonly revision: string; readonly percent: number } | null,
    by: string,
  ): Promise<void> {
    this.#assertDeployable();
    await this.#run(choice?.revision ?? null, { action: "canary", choice }, by);
  }

  async shadow(revision: string | null, by: string): Promise<void> {
    this.#assertDeployable();
    await this.#run(revision, { action: "shadow", revision }, by);
  }

  async disable(name: string, by: string): Promise<void> {
    await this.#assertFunction(name);
    await this.#run(null, { action: "disable", name }, by);
  }

  async enable(
    name: string,
    by: string,
    { fromNow = false }: { readonly fromNow?: boolean } = {},
  ): Promise<void> {
    await this.#assertFunction(name);
    await this.#run(null, { action: "enable", name, fromNow }, by);
  }

  async askReplay(name: string, by: string, offset?: number): Promise<void> {
    await this.#assertFunction(name);
    await this.#decisions.make({ action: "replay", name, offset: offset ?? null }, by);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#decisions.close();
    await Promise.all([this.#rollout.close(), this.#files?.watcher.close()]);
  }

  #filesIn(directory: string): Files {
    const { log, onError, onProblems = () => {}, onFixed = () => {} } = this.#options;
    const source = new DirectorySource({ log, rollOut: () => this.#rollOut() });
    const onRevision = (revision: Revision): Promise<void> => source.take(revision);
    const watcher = new FunctionWatcher({ directory, onRevision, onProblems, onFixed, onError });
    return { directory, source, watcher };
  }

  /** Makes a decision, and resolves when what was decided runs here. @param revision that has to run for that */
  async #run(revision: string | null, data: DeploymentData, by: string): Promise<void> {
    await this.#decisions.make(data, by);
    const { problem = null, missing } = (await this.#latest?.catch(notYet)) ?? {};
    if (problem === null || revision === null || !missing?.has(revision)) return;
    if (data.action === "activate") await this.#noteFailure(revision, by);
    throw problem;
  }

  /** So that nobody goes back to it. */
  async #noteFailure(revision: string, by: string): Promise<void> {
    try {
      await this.#decisions.make({ action: "fail", revision }, by);
    } catch (error) {
      this.#options.onError(toAnywireError(error));
    }
  }

  #onDecision(data: DeploymentData, before: DeploymentState): void {
    if (data.action === "replay") this.#replay(data.name, data.offset);
    const isChange = !RUNNING_ON.has(data.action) && this.#decisions.state !== before;
    // Whoever waits for it hears of a failure by `#latest`, and everybody else is told.
    if (isChange) this.#rollOut().catch(() => {});
  }

  #replay(name: string, offset: number | null): void {
    const { onReplay, onError } = this.#options;
    onReplay?.(name, offset ?? undefined).catch((error) => {
      if (!this.#isClosed) onError(toAnywireError(error));
    });
  }

  #rollOut(): Promise<RolledOut> {
    const rollingOut = this.#rollout.want(this.#wish());
    this.#latest = rollingOut;
    rollingOut.then(
      ({ problem }) => this.#tell(problem),
      (error) => this.#tell(error),
    );
    return rollingOut;
  }

  #wish(): Wish {
    const { active, previous, canary, shadow, disabled, since } = this.#decisions.state;
    const { source } = this.#files ?? {};
    if (source === undefined) {
      const actives = active === null ? [] : [active, ...previous.toReversed()];
      return { actives: [...new Set(actives)], canary, shadow, disabled, since };
    }
    const latest = new Map(since);
    for (const [name, offset] of source.since) {
      latest.set(name, Math.max(offset, since.get(name) ?? 0));
    }
    return { actives: source.actives, canary: null, shadow: null, disabled, since: latest };
  }

  async #load(id: string): Promise<Revision> {
    return this.#files?.source.load(id) ?? (await this.#store.get(id));
  }

  /** What is wrong with files is told as such. */
  #tell(problem: Error | null): void {
    const text = problem?.message ?? null;
    if (text === this.#told || this.#isClosed) return;
    this.#told = text;
    if (problem === null || (this.#files !== null && problem instanceof FunctionBuildError)) return;
    const message = this.#problems(this.#rollout.running).join("\n");
    this.#options.onError(new AnywireError("unavailable", message, { cause: problem }));
  }

  #problems(running: Running | null): string[] {
    const { failure } = this.#rollout;
    const { watcher } = this.#files ?? {};
    const problems: string[] = [];
    if (failure !== null) {
      problems.push(
        `what was decided last does not run yet, and is tried again: ${failure.message}`,
      );
    }
    if (watcher !== undefined) {
      if (watcher.problems.length > 0)
        problems.push(...linesOf(new FunctionBuildError(watcher.problems)));
    } else if (running !== null && running.problem !== null) {
      const { active } = running.candidate;
      const instead = active === null ? "no function" : `revision ${active}`;
      const broken = [...running.missing].join(" and revision ");
      problems.push(
        `revision ${broken} cannot be loaded, and ${instead} runs instead:`,
        ...linesOf(running.problem),
      );
    }
    return problems;
  }

  #assertDeployable(): void {
    if (this.#files === null) return;
    const { directory } = this.#files;
    throw new AnywireError(
      "unsupported",
      `the functions of this server are the files in ${directory}: change those, or set \`functions.source\` to "deployments" to run what is put up`,
    );
  }

  /** Functions that are disabled may be gone already. */
  async #assertFunction(name: string): Promise<void> {
    await this.#decisions.catchUp();
    const { state } = this.#decisions;
    const { active, canary, shadow } = state;
    const ids = [active, canary?.revision ?? null, shadow];
    const known = this.#files?.source.functions ?? ids.flatMap((id) => functionsOf(state, id));
    if (known.includes(name) || state.disabled.includes(name)) return;
    throw new AnywireError(
      "not_found",
      `there is no function ${JSON.stringify(name.slice(0, 64))}: \`anywire functions list\` tells those that are there`,
    );
  }
}

function notYet(cause: unknown): never {
  const { code, message } = toAnywireError(cause);
  throw new AnywireError(
    code === "not_found" ? "unavailable" : code,
    `it was decided, but does not run on this server yet, and is tried again: ${message}`,
    { cause },
  );
}

function linesOf(error: Error): string[] {
  return error.message.split("\n");
}
