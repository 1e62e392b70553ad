import { dirname, resolve } from "node:path";
import { type AnywireError, toAnywireError } from "@anywire/types";
import { buildRevision } from "../bundle/build-revision.ts";
import { type BuildProblem, FunctionBuildError, type Revision } from "../bundle/revision.ts";
import { revisionId } from "../bundle/revision-id.ts";
import { directoriesOf, isDirectory, WatchedDirectories } from "./watched-directories.ts";

/** What to watch, and who is told. */
export interface FunctionWatcherOptions {
  /** May be missing: then there are no functions until it is there. */
  readonly directory: string;
  /**
   * Takes over what the files are now, the first time and whenever they have changed; one after the other. Rejects with
   * `FunctionBuildError` when it cannot be loaded; when it rejects with anything else it is asked again.
   */
  readonly onRevision: (revision: Revision) => Promise<void>;
  /** The files cannot be built or loaded: told once for each change that makes it so. */
  readonly onProblems: (problems: readonly BuildProblem[]) => void;
  /** They can again, and were taken over. */
  readonly onFixed: () => void;
  /** Told of what failed otherwise; it is tried again. */
  readonly onError: (error: AnywireError) => void;
}

/** So long nothing must have changed: editors write in several steps. But who never stops changing waits no longer than that. */
const QUIET_MS = 40;
const MAX_WAIT_MS = 250;
const RETRY_MS = 1_000;

/** Makes a revision of a directory's files whenever one of them, or a file that they import, changes. */
export class FunctionWatcher {
  readonly #options: FunctionWatcherOptions;
  readonly #watched = new WatchedDirectories(() => this.#nudge());
  /** Where files lie that functions import, in the directory or elsewhere. */
  #importedFrom: ReadonlySet<string> = new Set();
  /** Whether something changed since the last build began. */
  #isDirty = false;
  /** When the first change was that nothing was built for, as of `performance.now`. */
  #dirtySince = 0;
  #timer: NodeJS.Timeout | undefined;
  #building: Promise<void> | null = null;
  /** What was handed over last, and what was wrong with it. */
  #taken: { readonly id: string; readonly problems: readonly BuildProblem[] } | null = null;
  #problems: readonly BuildProblem[] = [];
  #isClosed = false;

  constructor(options: FunctionWatcherOptions) {
    this.#options = options;
  }

  /** What is wrong with the files now. */
  get problems(): readonly BuildProblem[] {
    return this.#problems;
  }

  /** Resolves when the files were taken over, or their problems told. */
  start(): Promise<void> {
    return this.#build();
  }

  /** Waits for a build under way, and begins none. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watched.close();
    await this.#building?.catch(() => {});
    // It may have watched something meanwhile.
    this.#watched.close();
  }

  #nudge(): void {
    if (!this.#isDirty) this.#dirtySince = performance.now();
    this.#isDirty = true;
    // After a build under way, the next one begins.
    if (this.#building === null) this.#buildSoon();
  }

  #buildSoon(): void {
    const leftMs = this.#dirtySince + MAX_WAIT_MS - performance.now();
    this.#schedule(Math.max(0, Math.min(QUIET_MS, leftMs)));
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#build().catch((error) => {
        if (this.#isClosed) return;
        this.#options.onError(toAnywireError(error));
        if (!this.#isDirty) this.#schedule(RETRY_MS);
      });
    }, waitMs);
  }

  #build(): Promise<void> {
    this.#isDirty = false;
    this.#building = this.#buildNow().finally(() => {
      this.#building = null;
      if (this.#isDirty) this.#buildSoon();
    });
    return this.#building;
  }

  async #buildNow(): Promise<void> {
    await this.#watchAll();
    let problems: readonly BuildProblem[];
    try {
      problems = await this.#take(await this.#readFiles());
    } catch (error) {
      if (!(error instanceof FunctionBuildError)) throw error;
      problems = error.problems;
    }
    if (!this.#isClosed) this.#tell(problems);
  }

  /** Until what is watched is what is there. */
  async #watchAll(): Promise<void> {
    let isNew = true;
    while (isNew && !this.#isClosed) {
      const own = await directoriesOf(resolve(this.#options.directory));
      isNew = this.#watched.set(new Set([...own, ...this.#importedFrom]));
    }
  }

  async #readFiles(): Promise<Revision> {
    const { directory } = this.#options;
    if (!(await isDirectory(directory))) return { id: revisionId([]), functions: [] };
    return await buildRevision(directory, {
      isLocal: true,
      onInputs: (files, areAll) => this.#noteImports(files, areAll),
    });
  }

  /** What is imported from a directory that was not watched may have changed since it was read. */
  #noteImports(files: readonly string[], areAll: boolean): void {
    const directories = files.map(dirname);
    this.#importedFrom = new Set([...(areAll ? [] : this.#importedFrom), ...directories]);
    if (!directories.every((one) => this.#watched.has(one))) this.#nudge();
  }

  async #take(revision: Revision): Promise<readonly BuildProblem[]> {
    const { id } = revision;
    if (this.#taken?.id === id || this.#isClosed) return this.#taken?.problems ?? [];
    this.#taken = null;
    try {
      await this.#options.onRevision(revision);
      this.#taken = { id, problems: [] };
    } catch (error) {
      if (!(error instanceof FunctionBuildError)) throw error;
      this.#taken = { id, problems: error.problems };
    }
    return this.#taken.problems;
  }

  #tell(problems: readonly BuildProblem[]): void {
    const before = this.#problems;
    this.#problems = problems;
    if (JSON.stringify(problems) === JSON.stringify(before)) return;
    if (problems.length > 0) this.#options.onProblems(problems);
    else this.#options.onFixed();
  }
}
