import {
  AnywireError,
  accountIdOf,
  type ChannelType,
  createChannelTypeRegistry,
  type OpenChannelRequest,
  openChannelRequestSchema,
} from "@anywire/types";
import type { z } from "zod";
import type { ActAs } from "../context.ts";
import { describeIssues } from "../describe-issues.ts";

/** What is to be opened, with everybody who takes part. */
export type Opening = z.output<typeof openChannelRequestSchema> & {
  /** Whether the participants are what the channel is known by. */
  readonly isFixed: boolean;
  /** What it is known by, so that opening it again finds it; undefined for nothing. */
  readonly key: string | undefined;
};

const CHANNEL_TYPES = createChannelTypeRegistry();

/**
 * Looks at a request to open a channel as a server does, but for what a test has nobody to ask for: everybody is known, and the
 * address of a contact stays as it is.
 * @throws {AnywireError} `bad_request`, `permission_denied`
 */
export function readOpening(platform: string, given: OpenChannelRequest & ActAs): Opening {
  const { as, ...rest } = given;
  const parsed = openChannelRequestSchema.safeParse(rest);
  if (!parsed.success) throw refused(`channels.open: ${describeIssues(parsed.error)}`);
  const request = parsed.data;
  if (request.platform !== undefined && request.platform !== platform) {
    throw new AnywireError(
      "permission_denied",
      `this function runs on ${platform}, and nothing crosses platforms; ${request.platform} is another`,
    );
  }
  const type = openableType(request.type);
  const opener = as === undefined ? firstAccount(request.participants) : `account:${as}`;
  const joins = request.join && opener !== undefined ? [opener] : [];
  const participants = [...new Set([...request.participants, ...joins])].sort();
  assertFits(type, participants);
  const isFixed = type.identity === "participants";
  return { ...request, participants, isFixed, key: keyOf(request, participants, isFixed, opener) };
}

function keyOf(
  { type, connection, thread, id }: z.output<typeof openChannelRequestSchema>,
  participants: readonly string[],
  isFixed: boolean,
  opener: string | undefined,
): string | undefined {
  if (isFixed) return JSON.stringify([type, connection, thread, ...participants]);
  return id === undefined ? undefined : JSON.stringify([type, opener, id]);
}

function openableType(name: string): ChannelType {
  const openable = CHANNEL_TYPES.list().filter(
    ({ identity }) => identity === "participants" || identity === "unique",
  );
  const type = openable.find((one) => one.name === name);
  if (type !== undefined) return type;
  const known = openable.map((one) => one.name).join(", ");
  throw refused(
    `${JSON.stringify(name)} is no type of channel that is opened; take one of ${known}`,
  );
}

function assertFits({ name, network }: ChannelType, participants: readonly string[]): void {
  const outside = participants.find((address) => accountIdOf(address) === undefined);
  const isNetwork = network !== "app" && network !== "any";
  if (participants.length < 2) {
    throw refused("a channel needs somebody else; nobody talks alone");
  }
  if (network === "app" && outside !== undefined) {
    throw refused(`${outside} is no account, and a ${name} channel stays in the app`);
  }
  if (name === "direct" && participants.length !== 2) {
    throw refused("a direct channel is between two accounts; open a group for others");
  }
  if (isNetwork && outside === undefined) {
    throw refused(`a ${name} channel needs a contact, such as phone:+447700900123`);
  }
}

function firstAccount(participants: readonly string[]): string | undefined {
  return participants.find((address) => accountIdOf(address) !== undefined);
}

function refused(message: string): AnywireError {
  return new AnywireError("bad_request", message);
}
