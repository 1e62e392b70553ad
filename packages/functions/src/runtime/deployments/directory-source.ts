import type { Log } from "@anywire/core";
import type { Revision } from "../bundle/revision.ts";
import type { RolledOut } from "./rollout.ts";

/** What a source needs. */
export interface DirectorySourceOptions {
  readonly log: Pick<Log, "head">;
  /** Brings to run what the source says now. */
  readonly rollOut: () => Promise<RolledOut>;
}

/** The active revision, where it comes from files. */
export class DirectorySource {
  readonly #options: DirectorySourceOptions;
  /** What could be loaded last. */
  #good: Revision | null = null;
  /** What is being tried. */
  #tried: Revision | null = null;
  /** Names of the functions that were there last; null before the first files. */
  #names: ReadonlySet<string> | null = null;
  readonly #since = new Map<string, number>();

  constructor(options: DirectorySourceOptions) {
    this.#options = options;
  }

  /** Ids of what is to run, best one first. */
  get actives(): readonly string[] {
    return [this.#tried, this.#good].filter((revision) => revision !== null).map(({ id }) => id);
  }

  /** Names of the functions that are there. */
  get functions(): readonly string[] {
    return this.#good?.functions.map(({ name }) => name) ?? [];
  }

  /** A function whose file came while the files were watched begins with what is stored from then on. */
  get since(): ReadonlyMap<string, number> {
    return this.#since;
  }

  /** One of `actives`. */
  load(id: string): Revision | undefined {
    return [this.#tried, this.#good].find((revision) => revision?.id === id) ?? undefined;
  }

  /** Resolves when the files run. Rejects with `FunctionBuildError` when they cannot be loaded: what ran before goes on. */
  async take(revision: Revision): Promise<void> {
    await this.#noteNew(revision);
    this.#tried = revision;
    const { problem, missing } = await this.#options.rollOut();
    // Nothing else is taken meanwhile.
    this.#tried = null;
    if (problem !== null && missing.has(revision.id)) throw problem;
    this.#good = revision;
  }

  async #noteNew({ functions }: Revision): Promise<void> {
    const before = this.#names;
    const names = functions.map(({ name }) => name);
    const brought = before === null ? [] : names.filter((name) => !before.has(name));
    const head = brought.length === 0 ? 0 : await this.#options.log.head(">");
    for (const name of brought) this.#since.set(name, head);
    this.#names = new Set(names);
  }
}
