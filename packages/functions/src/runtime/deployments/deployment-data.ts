import { isSegment } from "@anywire/types";
import { z } from "zod";

/** The channel that decisions about functions are on, as entries of kind `deployment`. */
export const DEPLOYMENTS_CHANNEL = "anywire.system.deployments";

const revision = z.string().refine(isSegment);
const name = z.string().refine(isSegment);

/** The data of an entry on {@link DEPLOYMENTS_CHANNEL}: what was decided. Its sender decided it. */
export const deploymentDataSchema = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("put"),
    revision,
    /** Names of its functions. */
    functions: z.array(name),
    note: z.string(),
  }),
  z.object({ action: z.literal("activate"), revision }),
  /** The revision was activated, and could not be loaded. */
  z.object({ action: z.literal("fail"), revision }),
  /** Says both, so that of two who decide it at once only one goes back. */
  z.object({ action: z.literal("rollback"), from: revision, to: revision }),
  z.object({
    action: z.literal("canary"),
    choice: z.object({ revision, percent: z.int().min(1).max(99) }).nullable(),
  }),
  z.object({ action: z.literal("shadow"), revision: revision.nullable() }),
  z.object({ action: z.literal("disable"), name }),
  z.object({ action: z.literal("enable"), name, fromNow: z.boolean() }),
  /** Offset of one dead letter; null for all. */
  z.object({ action: z.literal("replay"), name, offset: z.int().min(1).nullable() }),
]);

/** What was decided. */
export type DeploymentData = z.infer<typeof deploymentDataSchema>;
