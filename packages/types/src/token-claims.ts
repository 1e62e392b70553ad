import { z } from "zod";
import { accountIdSchema } from "./address.ts";
import { isSegment } from "./channel-name.ts";
import { channelPatternSchema } from "./channel-pattern.ts";

const patterns = z.array(channelPatternSchema).max(1000).optional();

/**
 * The claims of a token. Patterns hold within the token's platform only.
 * @see https://www.rfc-editor.org/rfc/rfc7519
 */
export const tokenClaimsSchema = z.looseObject({
  iss: z.string().min(1).optional().describe("Who made the token."),
  sub: accountIdSchema,
  platform: z
    .string()
    .refine(isSegment, "must be one segment")
    .describe("The platform it is good for."),
  subscribe: patterns.describe("Channels the account may subscribe to and read."),
  publish: patterns.describe("Channels the account may publish to."),
  manage: patterns.describe("Channels the account may change and administer."),
  exp: z.int().optional().describe("When it runs out, seconds since the Unix epoch."),
  iat: z.int().optional().describe("When it was made, seconds since the Unix epoch."),
});

/** The claims of a token. */
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;
