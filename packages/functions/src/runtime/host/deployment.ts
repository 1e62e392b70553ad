import type { Revision } from "../bundle/revision.ts";

/** What shall run. */
export interface Deployment {
  readonly active: Revision;
  /** A revision that part of the channels has instead. */
  readonly canary?: { readonly revision: Revision; readonly percent: number };
  /** A revision that runs beside the active one, with its effects discarded, to be compared. */
  readonly shadow?: Revision;
  /** Names of functions that do not run. */
  readonly disabled: readonly string[];
  /**
   * From where on an after function runs, by its name: for nothing that was stored up to this offset. Default 0: for all that its
   * consumer has not seen.
   */
  readonly since: Readonly<Record<string, number>>;
}
