import type { Machine } from "./machine.ts";
import type { ClusterFanoutResult } from "./measures/cluster-fanout.ts";
import type { ClusterProjectorResult } from "./measures/cluster-projector.ts";
import type { ClusterPublishResult } from "./measures/cluster-publish.ts";
import type { ClusterRecoveryResult } from "./measures/cluster-recovery.ts";
import type { FanoutResult } from "./measures/fanout.ts";
import type { FunctionsAfterResult } from "./measures/functions-after.ts";
import type { FunctionsBeforeResult } from "./measures/functions-before.ts";
import type { FunctionsLoopResult } from "./measures/functions-loop.ts";
import type { FunctionsUnmatchedResult } from "./measures/functions-unmatched.ts";
import type { IdleMemoryResult } from "./measures/idle-memory.ts";
import type { LatencyResult } from "./measures/latency.ts";
import type { NetworksLimitResult } from "./measures/networks-limit.ts";
import type { NetworksOutboundResult } from "./measures/networks-outbound.ts";
import type { NetworksWebhooksResult } from "./measures/networks-webhooks.ts";
import type { PublishRateResult } from "./measures/publish-rate.ts";
import type { RecoveryResult } from "./measures/recovery.ts";
import type { StartUpResult } from "./measures/start-up.ts";
import type { PeerName } from "./peers/peer.ts";

/** Everything that a run found; what was not asked for is absent. */
export interface BenchResults {
  readonly machine: Machine;
  /** The command that repeats the run. */
  readonly command: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly peers: readonly PeerSummary[];
  readonly fanout?: readonly FanoutResult[];
  readonly latency?: readonly LatencyResult[];
  readonly idle?: readonly IdleMemoryResult[];
  readonly publish?: readonly PublishRateResult[];
  readonly recovery?: readonly RecoveryResult[];
  readonly startup?: StartUpResult;
  readonly "functions-before"?: FunctionsBeforeResult;
  readonly "functions-after"?: FunctionsAfterResult;
  readonly "functions-unmatched"?: FunctionsUnmatchedResult;
  readonly "functions-loop"?: FunctionsLoopResult;
  readonly "networks-webhooks"?: NetworksWebhooksResult;
  readonly "networks-outbound"?: NetworksOutboundResult;
  readonly "networks-limit"?: NetworksLimitResult;
  readonly "cluster-fanout"?: readonly ClusterFanoutResult[];
  readonly "cluster-publish"?: readonly ClusterPublishResult[];
  readonly "cluster-recovery"?: ClusterRecoveryResult;
  readonly "cluster-projector"?: ClusterProjectorResult;
  /** Why the cluster engine, which was asked for, could not be measured. */
  readonly clusterMissing?: string;
}

/** A peer of the run. */
export interface PeerSummary {
  readonly name: PeerName;
  readonly title: string;
  /** Why it could not be measured. */
  readonly missing?: string;
}
