import { z } from "zod";
import { functionNameSchema, functionTriggerSchema } from "./function-api.ts";
import { jsonSchema } from "./json-schema.ts";

/** The id of a revision. */
export const revisionIdSchema = z
  .string()
  .regex(/^[a-z0-9]{26}$/, "must be 26 lower-case letters and digits")
  .describe("A revision's id, made from its code.");

/** Body of `POST /v1/revisions`: the code of all functions, as `anywire functions deploy` bundles it. */
export const putRevisionRequestSchema = z.strictObject({
  id: revisionIdSchema,
  functions: z
    .array(
      z.strictObject({
        name: functionNameSchema,
        file: z.string().min(1).max(512).describe("Its source file."),
        code: z.string().describe("One ES module that needs nothing but Node and Anywire."),
        pubnub: z
          .strictObject({
            trigger: functionTriggerSchema,
            binding: z.string().min(1).max(256),
            options: z
              .record(z.string(), jsonSchema)
              .exactOptional()
              .describe("What its author chose for it."),
          })
          .optional()
          .describe("How a handler that was written for PubNub is bound."),
      }),
    )
    .max(10_000),
  note: z.string().max(1000).default("").describe("What for, in words."),
});

/** Body of `POST /v1/revisions`. */
export type PutRevisionRequest = z.input<typeof putRevisionRequestSchema>;

/** What is known of a revision. */
export const revisionInfoSchema = z.object({
  id: revisionIdSchema,
  functions: z.array(functionNameSchema).describe("Names of its functions."),
  at: z.int().describe("When it was put up, milliseconds since the Unix epoch (UTC)."),
  by: z.string().describe("The account that did."),
  note: z.string(),
});

/** What is known of a revision. */
export type RevisionInfoAnswer = z.infer<typeof revisionInfoSchema>;

/** Answer of `GET /v1/revisions`. */
export const revisionsAnswerSchema = z.object({
  revisions: z.array(revisionInfoSchema).describe("Newest first."),
});

/** Answer of `GET /v1/revisions`. */
export type RevisionsAnswer = z.infer<typeof revisionsAnswerSchema>;

/** Which functions run. */
export const deploymentSchema = z.object({
  source: z
    .enum(["directory", "deployments"])
    .describe("Where they come from: files that are watched, or revisions that were put up."),
  active: z.string().nullable().describe("The revision that runs; null for none."),
  canary: z
    .object({ revision: z.string(), percent: z.int() })
    .nullable()
    .describe("The revision that part of the channels has instead."),
  shadow: z
    .string()
    .nullable()
    .describe("The revision that runs beside it, with its effects discarded, to be compared."),
  disabled: z.array(z.string()).describe("Names of functions that do not run."),
  problems: z
    .array(z.string())
    .describe("What keeps the newest functions from running, while earlier ones do."),
});

/** Which functions run. */
export type DeploymentAnswer = z.infer<typeof deploymentSchema>;

/** Body of `POST /v1/deployment`: a decision. */
export const deploymentDecisionSchema = z.discriminatedUnion("action", [
  z
    .strictObject({ action: z.literal("activate"), revision: revisionIdSchema })
    .describe("It runs from now on. Ends canary and shadow."),
  z
    .strictObject({ action: z.literal("rollback") })
    .describe("The revision runs that was active before."),
  z
    .strictObject({
      action: z.literal("canary"),
      revision: revisionIdSchema,
      percent: z.int().min(1).max(99).describe("Of 100 channels."),
    })
    .describe("Part of the channels has it instead of the active one."),
  z.strictObject({ action: z.literal("end-canary") }),
  z
    .strictObject({ action: z.literal("shadow"), revision: revisionIdSchema })
    .describe("It runs beside the active one, its effects discarded."),
  z.strictObject({ action: z.literal("end-shadow") }),
]);

/** Body of `POST /v1/deployment`: a decision. */
export type DeploymentDecision = z.infer<typeof deploymentDecisionSchema>;
