import type { ErrorCode } from "@anywire/types";
import type { Context } from "hono";
import type { z } from "zod";

/** The groups of the API's reference, in its order. */
export const API_TAGS = {
  Channels: "Open channels, see who takes part, mark what is read.",
  Messages: "Say something on a channel, read what was said, see who is there.",
  Attachments: "Files that messages refer to.",
  Account: "What concerns one account, and which accounts there are.",
  Contacts: "People outside, and the addresses they are reached at.",
  Connections:
    "Accounts at networks, over which messages leave and come in. Looking at them needs a `subscribe` pattern that names `connection`, deciding about them a `manage` pattern that does, such as `production.connection.*`.",
  Deliveries: "Messages on their way over networks: how far each has come, and what failed.",
  Functions:
    "Code that runs when something happens on a channel, at times, or at requests under `/functions/`: how it does, and which revision of it runs. Needs a token of platform `anywire` whose `manage` pattern names `system` and covers `anywire.system.deployments`.",
  Server: "Is it alive, is it ready, how is it doing, and which keys sign its tokens.",
} as const;

/** The name of a group of the API's reference. */
export type ApiTag = keyof typeof API_TAGS;

/** One parameter of a path, a `{name}` of its template. */
export interface PathParameter {
  readonly schema: z.ZodType;
  readonly example: string;
}

/** What a request or an answer carries. */
export interface ApiContent {
  /** A schema named in `api-schemas.ts`; without one it is plain text. */
  readonly schema?: z.ZodType;
  /** Default `application/json`, or `text/plain` without a schema. */
  readonly mediaType?: string;
  /** Valid by the schema. */
  readonly example: unknown;
}

/** One answer of an operation. */
export interface ApiAnswer extends ApiContent {
  readonly description: string;
}

/** How one operation of the HTTP API is called and what it answers. Its documentation is made from this. */
export interface ApiOperation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Template with `{name}` for parameters, such as `/v1/channels/{channel}/messages`. */
  readonly path: string;
  /** Unique; names the operation in generated clients. */
  readonly id: string;
  readonly tag: ApiTag;
  readonly summary: string;
  /** Sentences for people; a part in backticks is code. */
  readonly description: string;
  readonly needsToken: boolean;
  readonly parameters?: Readonly<Record<string, PathParameter>>;
  readonly query?: z.ZodObject;
  readonly body?: ApiContent;
  /** Good answers by status. */
  readonly answers: Readonly<Record<number, ApiAnswer>>;
  /** The errors it can answer with, besides those that any request can get. */
  readonly errors: readonly ErrorCode[];
  /** What its errors carry beside the usual members. */
  readonly problem?: {
    readonly schema: z.ZodType;
    readonly example: Readonly<Record<string, unknown>>;
  };
}

/** An operation and the function that performs it. */
export interface ApiRoute {
  readonly operation: ApiOperation;
  readonly handle: (context: Context) => Response | Promise<Response>;
}
