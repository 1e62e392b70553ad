import { z } from "zod";
import { channelNameSchema } from "./channel-name.ts";
import { entrySchema } from "./entry.ts";
import { jsonSchema } from "./json-schema.ts";

/** What can make a function run. */
export const functionTriggerSchema = z.enum([
  "beforePublish",
  "beforeSignal",
  "afterPublish",
  "afterSignal",
  "afterPresence",
  "onRequest",
  "onInterval",
  "onCron",
]);

/** The name of a function: that of its file. */
export const functionNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,48}$/, "must be 1 to 48 letters, digits, _ or -")
  .describe("A function's name: that of its file, without the ending.");

/** Why a run failed, in words for its author. */
export const functionErrorSchema = z.object({
  failure: z
    .string()
    .describe("What went wrong: `threw`, `late`, `bad_result`, `out_of_memory` and the like."),
  message: z.string(),
  stack: z.string().optional().describe("Where, in the author's files."),
});

/** A function that is there, and how it does on all servers. */
export const functionStatusSchema = z.object({
  name: functionNameSchema,
  trigger: functionTriggerSchema,
  binding: z
    .string()
    .describe(
      "What it is bound to: a channel pattern, a method and a path, an interval in ms, or a cron expression.",
    ),
  file: z.string().describe("Its file, from the directory of the functions."),
  options: z.record(z.string(), jsonSchema).describe("What its author chose for it."),
  revision: z.string().describe("The revision it belongs to."),
  state: z.enum(["running", "disabled"]),
  stats: z.object({
    runs: z.int().min(0).describe("Since each server began."),
    errors: z.int().min(0),
    retries: z.int().min(0),
    differences: z.int().min(0).describe("Runs that came out otherwise in the shadow revision."),
    p50Ms: z
      .number()
      .nullable()
      .describe("Half of its runs took no longer; null before the first."),
    p99Ms: z.number().nullable().describe("99 of 100 runs took no longer."),
    lastRunAt: z.int().nullable().describe("Milliseconds since the Unix epoch (UTC)."),
    lastError: functionErrorSchema.extend({ at: z.int() }).nullable(),
  }),
  lag: z
    .int()
    .nullable()
    .describe("Events that wait for it, where the server that was asked works them; else null."),
});

/** A function that is there, and how it does on all servers. */
export type FunctionStatusAnswer = z.infer<typeof functionStatusSchema>;

/** Answer of `GET /v1/functions`. */
export const functionsAnswerSchema = z.object({ functions: z.array(functionStatusSchema) });

/** Answer of `GET /v1/functions`. */
export type FunctionsAnswer = z.infer<typeof functionsAnswerSchema>;

/** Body of `POST /v1/functions/{function}/run`. */
export const runFunctionRequestSchema = z.strictObject({
  event: z
    .record(z.string(), jsonSchema)
    .default({})
    .describe(
      "The event, or part of it; what is absent gets a value that fits the function. The `body` of a request is a text.",
    ),
  effects: z
    .enum(["discard", "live"])
    .default("discard")
    .describe("`discard`: what it would change is told, and nothing happens. `live`: it happens."),
});

/** Body of `POST /v1/functions/{function}/run`. */
export type RunFunctionRequest = z.input<typeof runFunctionRequestSchema>;

/** What came of a run. */
export const functionRunSchema = z.object({
  result: z
    .looseObject({ type: z.enum(["ok", "abort", "reroute", "response"]) })
    .optional()
    .describe("What the function decided. The body of a response is given as text."),
  error: functionErrorSchema.optional().describe("Instead of a result."),
  durationMs: z.number(),
  queuedMs: z.number().describe("How long it waited for a worker."),
  lines: z
    .array(
      z.object({
        level: z.enum(["debug", "info", "warn", "error"]),
        text: z.string(),
        fields: z.record(z.string(), jsonSchema).optional(),
        at: z.int(),
      }),
    )
    .describe("What it logged."),
  effects: z
    .array(z.object({ method: z.string(), args: z.array(jsonSchema) }))
    .describe("What it would have changed, when effects are discarded."),
});

/** What came of a run. */
export type FunctionRun = z.infer<typeof functionRunSchema>;

/** Query of `GET /v1/functions/{function}/dead-letters`. */
export const deadLettersQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe("Only those with a larger offset."),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("How many at most."),
});

/** A page of the events that a function was given up on; without `cursor` it is the last one. */
export const deadLettersPageSchema = z.object({
  deadLetters: z.array(
    z.object({
      entry: entrySchema.extend({ channel: channelNameSchema }),
      attempts: z.int().min(1),
      error: z.string().describe("The last failure."),
      at: z.int().describe("When it was given up, milliseconds since the Unix epoch (UTC)."),
    }),
  ),
  cursor: z.string().optional().describe("Give it as `after` for the next page."),
});

/** A page of the events that a function was given up on. */
export type DeadLettersPage = z.infer<typeof deadLettersPageSchema>;

/** Body of `POST /v1/functions/{function}/replay`. */
export const replayRequestSchema = z.strictObject({
  offset: z.int().min(1).optional().describe("One dead letter. Default: all of the function."),
});

/** Body of `POST /v1/functions/{function}/replay`. */
export type ReplayRequest = z.infer<typeof replayRequestSchema>;

/** What became of dead letters that were handled again. */
export const replayAnswerSchema = z.object({
  replayed: z.int().min(0).describe("How many were handled; they are gone."),
  failed: z.int().min(0).describe("How many failed once more; they are kept."),
  isElsewhere: z
    .boolean()
    .describe(
      "Another server works this function, and was asked to: what becomes of it is in its log.",
    ),
});

/** What became of dead letters that were handled again. */
export type ReplayAnswer = z.infer<typeof replayAnswerSchema>;

/** Body of `POST /v1/functions/{function}/enable`. */
export const enableFunctionRequestSchema = z.strictObject({
  fromNow: z
    .boolean()
    .default(false)
    .describe(
      "Of a function that runs after something: whether it passes over what came while it was disabled. Default: it goes on where it stopped.",
    ),
});

/** Body of `POST /v1/functions/{function}/enable`. */
export type EnableFunctionRequest = z.input<typeof enableFunctionRequestSchema>;
