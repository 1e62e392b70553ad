import type { Access, Presence } from "@anywire/core";
import { type PresenceAnswer, presenceSchema } from "@anywire/types";
import type { ApiOperation, ApiRoute } from "./api-operation.ts";
import { authenticate, type TokenChecker } from "./bearer-token.ts";
import { CHANNEL, channelOf } from "./channel-parameter.ts";

/** What telling who is there needs. */
export interface PresenceRouteOptions {
  readonly presence: Pick<Presence, "members" | "stats">;
  readonly access: Pick<Access, "assertMay">;
  readonly verifier: TokenChecker;
}

/** As many as the answer's schema promises. */
const MAX_MEMBERS = 1000;

const operation: ApiOperation = {
  method: "GET",
  path: "/v1/channels/{channel}/presence",
  id: "getPresence",
  tag: "Messages",
  summary: "See who is there",
  description:
    "Who is on a channel now. The counts are exact, whatever their size; of the members at most 1,000 are named. Needs a `subscribe` pattern that covers the channel.",
  needsToken: true,
  parameters: { channel: CHANNEL },
  answers: {
    200: {
      description: "Who is there.",
      schema: presenceSchema,
      example: {
        channel: "production.group.lobby",
        members: [{ client: "6b1f0c9e", user: "bob" }],
        numClients: 1,
        numUsers: 1,
      },
    },
  },
  errors: [
    "unauthenticated",
    "token_expired",
    "permission_denied",
    "unknown_channel",
    "unavailable",
  ],
};

/** `GET /v1/channels/{channel}/presence`: who is on a channel. */
export function createPresenceRoute(options: PresenceRouteOptions): ApiRoute {
  const { presence, access, verifier } = options;
  return {
    operation,
    async handle(context) {
      const principal = await authenticate(context, verifier);
      const channel = channelOf(context);
      await access.assertMay(principal, "subscribe", channel);
      const [members, stats] = await Promise.all([
        presence.members(channel, MAX_MEMBERS),
        presence.stats(channel),
      ]);
      return context.json({ channel, members: [...members], ...stats } satisfies PresenceAnswer);
    },
  };
}
