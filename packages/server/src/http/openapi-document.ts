import { ERROR_MEANINGS, ERRORS, type ErrorCode, problemSchema } from "@anywire/types";
import { z } from "zod";
import { API_TAGS, type ApiAnswer, type ApiContent, type ApiOperation } from "./api-operation.ts";
import { API_SCHEMAS } from "./api-schemas.ts";
import { errorPage, errorTitle, PROBLEM_TYPE } from "./error-responses.ts";

/** A JSON Schema as it stands in an OpenAPI document. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a request or an answer carries, by media type. */
export type OpenApiContent = Readonly<
  Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>
>;

/** A parameter in a path or query. */
export interface OpenApiParameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/** One operation. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: OpenApiContent };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: OpenApiContent }>
  >;
}

/**
 * The part of an OpenAPI document that we write.
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: Readonly<Record<"title" | "version" | "description", string>>;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, unknown>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

const INTRODUCTION = `Send and read messages over HTTP. The same channels are live on \`/connection/websocket\`, where every official Centrifuge SDK connects with the same tokens. Requests are authorised by the header \`Authorization: Bearer <token>\`; \`anywire token\` makes one. Errors are [problem details](https://www.rfc-editor.org/rfc/rfc9457) with a \`code\` for programs.`;

/** The OpenAPI document of these operations. */
export function createOpenApiDocument(
  operations: readonly ApiOperation[],
  version: string,
): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: describe(operation),
    };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Anywire", version, description: INTRODUCTION },
    servers: [{ url: "/" }],
    tags: Object.entries(API_TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: namedSchemas(),
    },
  };
}

function describe(operation: ApiOperation): OpenApiOperation {
  const { id, tag, summary, description, needsToken, body } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: needsToken ? [{ token: [] }] : [],
    parameters: [...pathParameters(operation), ...queryParameters(operation)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: content(body) } }),
    responses: { ...goodAnswers(operation), ...errorAnswers(operation) },
  };
}

function pathParameters({ parameters = {} }: ApiOperation): OpenApiParameter[] {
  return Object.entries(parameters).map(([name, { schema, example }]) => {
    const { description = "", ...rest } = jsonSchema(schema);
    return { name, in: "path", required: true, description, schema: rest, example };
  });
}

function queryParameters({ query }: ApiOperation): OpenApiParameter[] {
  return Object.entries(query?.shape ?? {}).map(([name, field]) => {
    const { description = "", ...rest } = jsonSchema(field);
    return { name, in: "query", required: false, description, schema: rest };
  });
}

function goodAnswers({ answers }: ApiOperation): OpenApiOperation["responses"] {
  const entries = Object.entries(answers);
  return Object.fromEntries(entries.map(([status, answer]) => [status, goodAnswer(answer)]));
}

function goodAnswer(answer: ApiAnswer): OpenApiOperation["responses"][string] {
  return { description: answer.description, content: content(answer) };
}

/** One answer for each status, since several codes can share one; any other error looks the same. */
function errorAnswers({ errors, problem }: ApiOperation): OpenApiOperation["responses"] {
  const statuses = [...new Set(errors.map((code) => ERRORS[code].http))];
  const answers = statuses.map((status) => {
    const codes = errors.filter((code) => ERRORS[code].http === status);
    return [status, errorAnswer(codes, problem)];
  });
  return { ...Object.fromEntries(answers), default: errorAnswer(["internal"]) };
}

function errorAnswer(
  codes: readonly ErrorCode[],
  problem?: ApiOperation["problem"],
): OpenApiOperation["responses"][string] {
  const [code = "internal"] = codes;
  const example = {
    type: errorPage(code),
    title: errorTitle(code),
    status: ERRORS[code].http,
    code,
    detail: ERROR_MEANINGS[code],
    ...problem?.example,
  };
  const schema = problem?.schema ?? problemSchema;
  return {
    description: codes.map(errorLine).join("\n"),
    content: content({ mediaType: PROBLEM_TYPE, schema, example }),
  };
}

function errorLine(code: ErrorCode): string {
  return `[\`${code}\`](${errorPage(code)}): ${ERROR_MEANINGS[code]}`;
}

function content({ schema, mediaType, example }: ApiContent): OpenApiContent {
  if (schema === undefined) {
    return { [mediaType ?? "text/plain"]: { schema: { type: "string" }, example } };
  }
  return { [mediaType ?? "application/json"]: { schema: reference(schema), example } };
}

function reference(schema: z.ZodType): JsonSchema {
  const id = registry.get(schema)?.id;
  if (id === undefined) throw new Error("a schema of the HTTP API has no name in API_SCHEMAS");
  return { $ref: `#/components/schemas/${id}` };
}

const registry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(API_SCHEMAS)) registry.add(schema, { id });

/** `input`, so that clients are not told to refuse members that are added later. */
const CONVERSION = { target: "draft-2020-12", io: "input" } as const;

function namedSchemas(): Record<string, JsonSchema> {
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { ...CONVERSION, uri });
  const named = Object.keys(API_SCHEMAS).map((id) => [id, simplified(schemas[id] ?? {})]);
  return Object.fromEntries(named);
}

function jsonSchema(schema: z.core.$ZodType): JsonSchema {
  return simplified(z.toJSONSchema(schema, CONVERSION));
}

function simplified(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    isSuperfluous(key, value) ? undefined : value,
  );
}

/** What only a document of its own needs, or what says nothing to a reader. */
function isSuperfluous(key: string, value: unknown): boolean {
  if (key === "$schema" || key === "$id") return true;
  return value === Number.MAX_SAFE_INTEGER || value === Number.MIN_SAFE_INTEGER;
}
