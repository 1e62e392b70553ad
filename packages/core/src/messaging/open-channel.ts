import {
  AnywireError,
  accountAddress,
  accountIdOf,
  type ChannelInfo,
  type ChannelType,
  channelSchema,
  createEntryId,
  type EntryData,
  formatChannelName,
  openChannelRequestSchema,
} from "@anywire/types";
import type { z } from "zod";
import { isGranted, type Principal } from "../access/principal.ts";
import { channelInfo } from "../inbox/summary.ts";
import { channelKey, defaultConnectionKey, membershipKey } from "../state/state-key.ts";
import type { MessagingContext } from "./messaging-context.ts";
import { type Caller, type Operation, type Outcome, ownPartition } from "./operation.ts";
import { assertKnown, assertReachable, resolveParticipant } from "./resolve-participant.ts";
import { stableId } from "./stable-id.ts";

type Request = z.output<typeof openChannelRequestSchema>;

/** What of a request tells channels with the same participants apart. */
export interface ChannelIdentifiers {
  readonly connection?: string | null | undefined;
  readonly thread?: string | null | undefined;
  readonly id?: string | undefined;
}

/** The id of the entry that opens a channel: fixed, so that whoever opens it at the same time opens it once. */
const OPENED = "opened";

/** `channel.open`: a channel with these participants, the same one again for types that are known by them. */
export function openChannelOperation(context: MessagingContext): Operation<Request, ChannelInfo> {
  return {
    name: "channel.open",
    request: openChannelRequestSchema,
    answer: channelSchema,
    run: (caller, request) => openChannel(context, caller, request),
  };
}

async function openChannel(
  context: MessagingContext,
  caller: Caller,
  request: Request,
): Promise<Outcome<ChannelInfo>> {
  const type = openableType(context, request.type);
  assertPlatform(caller, request);
  assertCount(context, request);
  assertReachable(type, request.participants);
  await context.knowAccount(caller);
  const participants = await resolveAll(context, caller, request);
  assertFits(type, participants);
  const connection = await connectionOf(context, caller, type, request, participants);
  const channel = nameOfChannel(caller.principal, type, { ...request, connection }, participants);
  await assertMayOpen(context, caller, type, channel, request);
  const isFixed = type.identity === "participants";
  if (request.meta !== undefined) context.pipeline.assertFits(request.meta);
  const { entry, isNew } = await context.record(caller, {
    channel,
    kind: "opened",
    id: OPENED,
    data: {
      type: type.name,
      title: request.title ?? null,
      avatarUrl: request.avatarUrl ?? null,
      connection: connection ?? null,
      history: request.history,
      meta: request.meta ?? {},
      participants: participants.map((address) => seatOf(caller, address, isFixed)),
      isFixed,
    },
  });
  if (!isNew) await showAgain(context, caller, channel);
  return { answer: channelInfo(await context.channel(channel, entry.offset)), isNew };
}

/**
 * The way out of a channel: what the request names, else the default connection of the network, so that the channel is the one that
 * somebody outside begins, too, and stays on that way. Where these people have a channel that names none, it stays theirs.
 */
async function connectionOf(
  context: MessagingContext,
  { principal }: Caller,
  type: ChannelType,
  request: Request,
  participants: readonly string[],
): Promise<string | undefined> {
  const { connection } = request;
  const isOutside = type.network !== "app" && type.network !== "any";
  if (connection !== undefined || !isOutside) return connection;
  const key = defaultConnectionKey(principal.platform, type.network);
  const fallback = await context.get(key);
  if (fallback === undefined || type.identity !== "participants") return fallback;
  const unnamed = nameOfChannel(principal, type, request, participants);
  return (await context.get(channelKey(unnamed))) === undefined ? fallback : undefined;
}

function openableType({ channelTypes }: MessagingContext, name: string): ChannelType {
  const type = channelTypes.get(name);
  const isOpenable = type?.identity === "participants" || type?.identity === "unique";
  if (type !== undefined && isOpenable) return type;
  const known = channelTypes
    .list()
    .filter(({ identity }) => identity === "participants" || identity === "unique")
    .map((one) => one.name);
  throw new AnywireError(
    "bad_request",
    `${JSON.stringify(name)} is no type of channel that is opened; take one of ${known.join(", ")}`,
  );
}

function assertPlatform({ principal }: Caller, { platform }: Request): void {
  if (platform === undefined || platform === principal.platform) return;
  throw new AnywireError(
    "permission_denied",
    `the token is good for ${principal.platform}, and nothing crosses platforms; open it with one for ${platform.slice(0, 64)}`,
  );
}

function assertCount({ maxParticipants }: MessagingContext, { participants }: Request): void {
  if (participants.length <= maxParticipants) return;
  throw new AnywireError(
    "limit_exceeded",
    `a channel has at most ${maxParticipants} participants, not ${participants.length}`,
    { details: { maxParticipants } },
  );
}

/** The participants as accounts and contacts, each once, sorted. */
async function resolveAll(
  context: MessagingContext,
  caller: Caller,
  { participants, join }: Request,
): Promise<string[]> {
  const own = accountAddress(caller.principal.accountId);
  const resolved = new Map<string, string>();
  for (const given of participants) {
    const address = await resolveParticipant(context, caller, given);
    const other = resolved.get(address);
    if (other !== undefined) {
      const names = other === given ? given : `${other} and ${given}, who are one,`;
      throw new AnywireError("bad_request", `${names} must be named once`);
    }
    resolved.set(address, given);
  }
  if (join) resolved.set(own, own);
  const addresses = [...resolved.keys()].sort();
  await assertKnown(context, caller, addresses);
  return addresses;
}

function assertFits(type: ChannelType, participants: readonly string[]): void {
  const accounts = participants.filter((address) => accountIdOf(address) !== undefined);
  const refuse = (message: string): never => {
    throw new AnywireError("bad_request", message);
  };
  if (participants.length < 2) refuse("a channel needs somebody else; nobody talks alone");
  if (type.name === "direct" && (participants.length !== 2 || accounts.length !== 2)) {
    refuse("a direct channel is between two accounts; open a group for others");
  }
  const isNetwork = type.network !== "app" && type.network !== "any";
  if (isNetwork && accounts.length === participants.length) {
    refuse(`a ${type.name} channel needs a contact, such as phone:+447700900123`);
  }
}

/**
 * The name of the channel that a request opens, before anybody has opened it: for types that are known by their participants it
 * is the same for all who name the same ones, for others the same for who gives the same id.
 */
export function nameOfChannel(
  { platform, accountId }: Pick<Principal, "platform" | "accountId">,
  type: Pick<ChannelType, "name" | "identity">,
  { connection = null, thread = null, id: given }: ChannelIdentifiers,
  /** As accounts and contacts, each once. */
  participants: readonly string[],
): string {
  let id: string;
  if (type.identity === "participants") {
    id = stableId([platform, type.name, connection, thread, ...[...participants].sort()]);
  } else if (given !== undefined) {
    id = stableId([platform, type.name, accountId, given]);
  } else {
    id = createEntryId();
  }
  return formatChannelName({ platform, type: type.name, id });
}

/** Inside the app everyone may; a network costs money, and opening for others is an operator's work. */
async function assertMayOpen(
  { access }: MessagingContext,
  { principal }: Caller,
  type: ChannelType,
  channel: string,
  { join }: Request,
): Promise<void> {
  if (!join) await access.assertMay(principal, "manage", channel);
  else if (type.network !== "app" && !isGranted(principal, "manage", channel)) {
    await access.assertMay(principal, "publish", channel);
  }
}

function seatOf(
  { principal }: Caller,
  address: string,
  isFixed: boolean,
): EntryData<"opened">["participants"][number] {
  const isAccount = accountIdOf(address) !== undefined;
  if (!isAccount) return { address, role: "guest" };
  const isOwner = isFixed || address === accountAddress(principal.accountId);
  return { address, role: isOwner ? "owner" : "member" };
}

/** Who opens a channel that it has hidden wants to see it. */
async function showAgain(
  context: MessagingContext,
  caller: Caller,
  channel: string,
): Promise<void> {
  const partition = ownPartition(caller);
  const membership = await context.get(membershipKey(partition, channel));
  if (membership?.leftOffset !== null || membership.hiddenOrdinal === null) return;
  await context.record(caller, {
    channel: partition,
    kind: "hide",
    data: { channel, ordinal: null },
  });
}
