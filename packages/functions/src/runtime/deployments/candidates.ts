/** What shall run, by the ids of revisions. */
export interface Wish {
  /** The active revision, and what takes its place when it cannot be loaded, best one first. */
  readonly actives: readonly string[];
  readonly canary: { readonly revision: string; readonly percent: number } | null;
  readonly shadow: string | null;
  readonly disabled: readonly string[];
  readonly since: ReadonlyMap<string, number>;
}

/** Revisions that can run together. */
export interface Candidate {
  /** Null for no function at all. */
  readonly active: string | null;
  readonly canary: Wish["canary"];
  readonly shadow: string | null;
}

/**
 * What to run for a wish, what was wished first and then what comes next to it, for where a revision cannot be loaded: first
 * without shadow or canary, then with what takes the active one's place. The last one is no function at all.
 */
export function* candidatesOf({ actives, canary, shadow }: Wish): Generator<Candidate> {
  for (const active of [...actives, null]) {
    const canaries = canary === null || canary.revision === active ? [null] : [canary, null];
    const shadows = shadow === null || shadow === active ? [null] : [shadow, null];
    for (const one of canaries) {
      for (const other of shadows) yield { active, canary: one, shadow: other };
    }
  }
}

/** The revisions of a wish that a candidate leaves out. */
export function missingIn(candidate: Candidate, { actives, canary, shadow }: Wish): Set<string> {
  const missing = new Set<string>();
  const [active] = actives;
  if (active !== undefined && active !== candidate.active) missing.add(active);
  if (canary !== null && canary !== candidate.canary) missing.add(canary.revision);
  if (shadow !== null && shadow !== candidate.shadow) missing.add(shadow);
  return missing;
}
