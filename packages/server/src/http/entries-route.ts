import type { Access, Log, LogQuery } from "@anywire/core";
import {
  AnywireError,
  type EntriesQuery,
  entriesPageSchema,
  entriesQuerySchema,
  isWildcard,
} from "@anywire/types";
import type { ApiOperation, ApiRoute } from "./api-operation.ts";
import { authenticate, type TokenChecker } from "./bearer-token.ts";
import { CHANNEL_OR_PATTERN, channelOf } from "./channel-parameter.ts";
import { checkInput } from "./check-input.ts";
import { entriesPageJson } from "./entries-json.ts";

/** What reading entries needs. */
export interface EntriesRouteOptions {
  readonly log: Pick<Log, "read" | "epoch">;
  readonly access: Pick<Access, "assertMaySubscribe">;
  readonly verifier: TokenChecker;
}

/** Data in one page, characters; the cursor leads on. */
const MAX_PAGE_LENGTH = 4 * 1024 * 1024;

const operation: ApiOperation = {
  method: "GET",
  path: "/v1/channels/{channel}/entries",
  id: "listEntries",
  tag: "Messages",
  summary: "Read what was said",
  description:
    "A page of a channel's entries, from the oldest or from the newest. As long as there is a `cursor`, there is more: give it as `after`, or as `before` when reading from the newest. In place of the channel a pattern reads many channels at once, in one order. Needs a `subscribe` pattern that covers it.",
  needsToken: true,
  parameters: { channel: CHANNEL_OR_PATTERN },
  query: entriesQuerySchema,
  answers: {
    200: {
      description: "The page.",
      schema: entriesPageSchema,
      example: {
        entries: [
          {
            offset: 1042,
            id: "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55",
            kind: "message",
            sender: "account:bob",
            at: 1_783_526_400_000,
            data: { text: "Hello, everyone" },
          },
        ],
        cursor: "1042",
        epoch: "5f1c7c0a",
      },
    },
  },
  errors: [
    "bad_request",
    "unauthenticated",
    "token_expired",
    "permission_denied",
    "unknown_channel",
    "unrecoverable_position",
    "unavailable",
    "storage_damaged",
  ],
};

/** `GET /v1/channels/{channel}/entries`: reads what was said on a channel, or on many. */
export function createEntriesRoute(options: EntriesRouteOptions): ApiRoute {
  const { log, access, verifier } = options;
  return {
    operation,
    async handle(context) {
      const principal = await authenticate(context, verifier);
      const pattern = channelOf(context);
      const { visibleAfter } = await access.assertMaySubscribe(principal, pattern);
      const query = checkInput(entriesQuerySchema, context.req.query(), "the query");
      assertSameLog(query, log.epoch);
      const page = await log.read(logQuery(pattern, query, visibleAfter));
      const json = entriesPageJson(page, log.epoch, isWildcard(pattern));
      return context.body(json, 200, { "content-type": "application/json" });
    },
  };
}

function assertSameLog({ epoch }: EntriesQuery, current: string): void {
  if (epoch === undefined || epoch === current) return;
  throw new AnywireError(
    "unrecoverable_position",
    "the epoch is that of another log, so its offsets mean nothing here; read from the start",
  );
}

function logQuery(
  pattern: string,
  { after = 0, before, limit, order }: EntriesQuery,
  visibleAfter: number,
): LogQuery {
  return {
    pattern,
    limit,
    order,
    maxLength: MAX_PAGE_LENGTH,
    after: Math.max(after, visibleAfter),
    withoutQuiet: true,
    ...(before === undefined ? {} : { before }),
  };
}
