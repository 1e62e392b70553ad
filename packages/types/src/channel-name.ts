import { z } from "zod";
import { AnywireError } from "./errors.ts";

/** The parts of `<platform>.<type>.<id>`. */
export interface ChannelName {
  /** A tenant or stage, such as `production`. Nothing crosses platforms. */
  readonly platform: string;
  /** A name declared in the registry of channel types. */
  readonly type: string;
  readonly id: string;
}

const SEGMENT = "[A-Za-z0-9_-]{1,64}";
const NAME = new RegExp(`^${SEGMENT}\\.${SEGMENT}\\.${SEGMENT}$`);
const ONE_SEGMENT = new RegExp(`^${SEGMENT}$`);

/** Whether a text is a channel name: three segments of 1 to 64 letters, digits, `_` or `-`. */
export function isChannelName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a text can stand between the dots of a channel name. */
export function isSegment(text: string): boolean {
  return ONE_SEGMENT.test(text);
}

/**
 * Takes a channel name apart.
 * @throws {AnywireError} `unknown_channel` when it is not one.
 */
export function parseChannelName(name: string): ChannelName {
  if (!isChannelName(name)) {
    throw new AnywireError(
      "unknown_channel",
      `${JSON.stringify(name.slice(0, 200))} is not a channel name; write platform.type.id with letters, digits, _ and -`,
    );
  }
  const [platform = "", type = "", id = ""] = name.split(".");
  return { platform, type, id };
}

/**
 * Puts a channel name together.
 * @throws {AnywireError} `unknown_channel` when a part is not a segment.
 */
export function formatChannelName({ platform, type, id }: ChannelName): string {
  const name = `${platform}.${type}.${id}`;
  parseChannelName(name);
  return name;
}

/** The platform of a valid channel name or pattern, without checking it. */
export function platformOf(nameOrPattern: string): string {
  const dot = nameOrPattern.indexOf(".");
  return dot < 0 ? nameOrPattern : nameOrPattern.slice(0, dot);
}

/** The notification channel of an account. */
export function notificationChannel(platform: string, accountId: string): string {
  return formatChannelName({ platform, type: "notification", id: accountId });
}

/** A channel name in a request or reply. */
export const channelNameSchema = z
  .string()
  .regex(NAME, "must be platform.type.id, each 1 to 64 letters, digits, _ or -")
  .describe("A channel's name, such as `production.group.lobby`.");
