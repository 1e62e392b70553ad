import { channelNameSchema, channelPatternSchema } from "@anywire/types";
import type { Context } from "hono";
import type { PathParameter } from "./api-operation.ts";

const EXAMPLE = "production.group.lobby";

/** `{channel}` of a path that takes one channel. */
export const CHANNEL: PathParameter = { schema: channelNameSchema, example: EXAMPLE };

/** `{channel}` of a path that takes a pattern as well; a channel's name is the pattern of itself. */
export const CHANNEL_OR_PATTERN: PathParameter = {
  schema: channelPatternSchema.describe(
    "A channel's name, such as `production.group.lobby`, or a pattern of them, such as `production.group.*`.",
  ),
  example: EXAMPLE,
};

/** What stands for `{channel}` in the request's path, unchecked. */
export function channelOf(context: Context): string {
  return context.req.param("channel") ?? "";
}
