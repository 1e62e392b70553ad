import { AnywireError, problemSchema } from "@anywire/types";
import { z } from "zod";
import type { ApiRoute } from "./api-operation.ts";
import { problemResponse } from "./error-responses.ts";

const dependencySchema = z.object({
  ok: z.boolean(),
  why: z.string().optional().describe("What is wrong with it and what to do."),
});

/** Answer of `GET /health`. */
export const healthSchema = z.object({
  status: z.literal("ok"),
  version: z.string().describe("The server's version."),
});

/** Answer of `GET /ready`. */
export const readySchema = z.object({
  ready: z.boolean(),
  dependencies: z
    .record(z.string(), dependencySchema)
    .describe("What the server leans on, by name."),
});

/** Answer of `GET /ready` when something is missing: an error, and the report beside it. */
export const readyProblemSchema = problemSchema.extend(readySchema.shape);

/** How each thing that the server leans on is doing, by its name. */
export type ReadyReport = Readonly<Record<string, { readonly ok: boolean; readonly why?: string }>>;

/** `GET /health`: the process lives and answers. */
export function createHealthRoute(version: string): ApiRoute {
  return {
    operation: {
      method: "GET",
      path: "/health",
      id: "getHealth",
      tag: "Server",
      summary: "Is it alive",
      description: "Answers as long as the process lives. Restart the server when it does not.",
      needsToken: false,
      answers: {
        200: {
          description: "It lives.",
          schema: healthSchema,
          example: { status: "ok", version: "0.1.0" },
        },
      },
      errors: [],
    },
    handle: (context) => context.json({ status: "ok", version }),
  };
}

/** `GET /ready`: everything that the server leans on works. */
export function createReadyRoute(readReport: () => Promise<ReadyReport>): ApiRoute {
  return {
    operation: {
      method: "GET",
      path: "/ready",
      id: "getReady",
      tag: "Server",
      summary: "Is it ready",
      description:
        "Whether requests will succeed now: 503 while starting, stopping, or when something it leans on is out of reach. Send traffic only to servers that are ready.",
      needsToken: false,
      answers: {
        200: {
          description: "Everything works.",
          schema: readySchema,
          example: { ready: true, dependencies: { log: { ok: true } } },
        },
      },
      errors: ["unavailable"],
      problem: {
        schema: readyProblemSchema,
        example: {
          ready: false,
          dependencies: { log: { ok: false, why: "the database is locked by another process" } },
        },
      },
    },
    async handle(context) {
      const dependencies = await readReport();
      const failed = Object.entries(dependencies).filter(([, { ok }]) => !ok);
      if (failed.length === 0) return context.json({ ready: true, dependencies });
      const reasons = failed.map(([name, { why }]) => `${name}: ${why ?? "it does not work"}`);
      const error = new AnywireError("unavailable", `not ready. ${reasons.join("; ")}`);
      return problemResponse(context, error, { ready: false, dependencies });
    },
  };
}
