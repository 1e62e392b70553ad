import type { ClusterPrograms } from "../cluster/cluster-programs.ts";
import type { Peer } from "../peers/peer.ts";

/** What every measure gets. */
export interface BenchContext {
  /** The peers of this run, present on this machine. */
  readonly peers: readonly Peer[];
  /** Whether to be done soon rather than exact. */
  readonly isQuick: boolean;
  /** Tells whoever waits what is going on. */
  progress(text: string): void;
}

/** What every measure of the cluster engine gets. */
export interface ClusterContext extends BenchContext {
  /** The servers that the cluster stands on, present on this machine. */
  readonly programs: ClusterPrograms;
}
