import { type Operation, type Operations, type WaitFor, waitForSchema } from "@anywire/core";
import { AnywireError, type ErrorCode } from "@anywire/types";
import type { Context } from "hono";
import { z } from "zod";
import type { ApiAnswer, ApiOperation, ApiRoute } from "./api-operation.ts";
import { authenticate, type TokenChecker } from "./bearer-token.ts";
import { checkInput } from "./check-input.ts";
import { type BodyLimits, readOptionalJsonBody } from "./json-body.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";
import { MODEL_ENDPOINTS, PARAMETERS } from "./model-endpoints.ts";

/** What the routes of the messaging model need. */
export interface ModelRoutesOptions {
  readonly operations: Operations;
  readonly waitFor: WaitFor;
  readonly verifier: TokenChecker;
  readonly bodyLimits: BodyLimits;
}

const ERRORS_OF_ALL: readonly ErrorCode[] = [
  "bad_request",
  "unauthenticated",
  "token_expired",
  "permission_denied",
  "not_found",
  "unavailable",
];

/** The routes of the messaging model: each calls the operation that its RPC method calls too. */
export function createModelRoutes(options: ModelRoutesOptions): ApiRoute[] {
  const { operations } = options;
  return MODEL_ENDPOINTS.filter(
    ({ operation, isOptional = false }) => !isOptional || operations.has(operation),
  ).map((endpoint) => createRoute(options, endpoint));
}

function createRoute(
  { operations, waitFor, verifier, bodyLimits }: ModelRoutesOptions,
  endpoint: ModelEndpoint,
): ApiRoute {
  const operation = operations.get(endpoint.operation);
  if (operation === undefined) {
    throw new AnywireError("internal", `there is no operation ${endpoint.operation}`);
  }
  return {
    operation: describe(endpoint, operation),
    async handle(context) {
      // Before the body is read: who may not speak is not listened to.
      const principal = await authenticate(context, verifier);
      const given =
        endpoint.body === undefined
          ? await waitFor(context.req.query())
          : await body(context, bodyLimits);
      const request = checkInput(
        operation.request,
        { ...given, ...fixed(context, endpoint) },
        "the request",
      );
      const { answer, isNew } = await operation.run({ principal }, request);
      return context.json(answer, isNew ? 201 : 200);
    },
  };
}

async function body(context: Context, limits: BodyLimits): Promise<object> {
  // Where nothing must be said, nothing need be sent.
  const value = (await readOptionalJsonBody(context.req.raw, limits)) ?? {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new AnywireError("bad_request", "the body must be a JSON object");
}

/** What stands in the path, and what the route itself says. */
function fixed(context: Context, { path, toRequest }: ModelEndpoint): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const found = Object.fromEntries(names.map((name) => [name, context.req.param(name) ?? ""]));
  return toRequest?.(found) ?? found;
}

function describe(endpoint: ModelEndpoint, operation: Operation): ApiOperation {
  const { method, path, id, tag, summary, description, example, mayBeNew = false } = endpoint;
  const good: ApiAnswer = {
    description: "Done.",
    schema: operation.answer,
    example,
  };
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const parameters = Object.fromEntries(
    names.map((name) => [name, PARAMETERS[name] ?? { schema: z.string(), example: name }]),
  );
  return {
    method,
    path,
    id,
    tag,
    summary,
    description: `${description} Over a socket: the RPC method \`${operation.name}\`.`,
    needsToken: true,
    parameters,
    ...queryOf(endpoint),
    ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
    answers: mayBeNew ? { 201: { ...good, description: "It is new." }, 200: good } : { 200: good },
    errors: [...ERRORS_OF_ALL, ...(endpoint.errors ?? [])],
  };
}

/** Whatever is read may be asked for as fresh as it must be. */
function queryOf({ method, query }: ModelEndpoint): Pick<ApiOperation, "query"> {
  if (method !== "GET") return query === undefined ? {} : { query };
  return { query: (query ?? z.strictObject({})).extend({ waitFor: waitForSchema.optional() }) };
}
