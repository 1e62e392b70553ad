import {
  AnywireError,
  accountAddress,
  accountIdOf,
  type ChannelInfo,
  type ChannelsPage,
  channelNameSchema,
  channelSchema,
  channelsPageSchema,
  channelsQuerySchema,
  notificationChannel,
  type ParticipantsPage,
  participantsPageSchema,
  participantsRequestSchema,
  roleRequestSchema,
  updateChannelRequestSchema,
} from "@anywire/types";
import { z } from "zod";
import { isCovered } from "../access/principal.ts";
import { readMemberships } from "../inbox/memberships.ts";
import { channelInfo, channelSummary } from "../inbox/summary.ts";
import type { ParticipantDocument } from "../state/documents.ts";
import { membershipKeyOf, PARTICIPANT } from "../state/state-key.ts";
import type { MessagingContext } from "./messaging-context.ts";
import { openChannelOperation } from "./open-channel.ts";
import { type Caller, done, emptyAnswerSchema, type Operation } from "./operation.ts";
import {
  assertKnown,
  assertReachable,
  resolveParticipant,
  resolveSeat,
} from "./resolve-participant.ts";

const named = z.strictObject({ channel: channelNameSchema });
const participantsQuerySchema = named.safeExtend({
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** What can be done with channels and their participants. */
export function channelOperations(context: MessagingContext): Operation[] {
  return [
    openChannelOperation(context),
    getChannel(context),
    listChannels(context),
    updateChannel(context),
    listParticipants(context),
    addParticipants(context),
    removeParticipants(context),
    setRole(context),
    leaveChannel(context),
  ];
}

function getChannel(context: MessagingContext): Operation<z.output<typeof named>, ChannelInfo> {
  return {
    name: "channel.get",
    request: named,
    answer: channelSchema,
    async run({ principal }, { channel }) {
      await context.access.assertMay(principal, "subscribe", channel);
      return done(channelInfo(await context.channel(channel)));
    },
  };
}

function listChannels(
  context: MessagingContext,
): Operation<z.output<typeof channelsQuerySchema>, ChannelsPage> {
  return {
    name: "channel.list",
    request: channelsQuerySchema,
    answer: channelsPageSchema,
    async run(caller, { participant, type, hidden, cursor, limit }) {
      const partition = partitionOf(caller, participant);
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : offsetOf(cursor);
      const { all, position } = await readMemberships(context.state, partition);
      const found = all
        .filter(({ membership }) => membership.leftOffset === null)
        .filter(({ document }) => type === undefined || document.type === type)
        .filter(({ document }) => document.activityOffset < before)
        .map(({ document, membership }) => channelSummary(document, membership))
        .filter((row) => hidden === undefined || row.hidden === (hidden === "true"))
        .sort((a, b) => b.activityOffset - a.activityOffset);
      const channels = found.slice(0, limit);
      const last = channels.at(-1);
      const hasMore = found.length > limit && last !== undefined;
      return done({
        channels,
        ...(hasMore ? { cursor: String(last.activityOffset) } : {}),
        asOf: position,
      });
    },
  };
}

/** Whose channels: one's own, or with the rights for it, somebody else's. */
function partitionOf({ principal }: Caller, participant: string | undefined): string {
  const { platform, accountId } = principal;
  const own = accountAddress(accountId);
  if (participant === undefined || participant === own) {
    return notificationChannel(platform, accountId);
  }
  if (!isCovered(principal, "manage", `${platform}.>`)) {
    throw new AnywireError(
      "permission_denied",
      `only a token with the manage pattern ${platform}.> lists the channels of others`,
    );
  }
  // Any channel of the platform will do: the partition does not depend on it.
  const key = membershipKeyOf(`${platform}.group.x`, participant);
  if (key !== undefined) return key.partition;
  throw new AnywireError(
    "bad_request",
    `${participant} is no participant; give account:<id> or contact:<id>`,
  );
}

function offsetOf(cursor: string): number {
  if (/^\d{1,16}$/.test(cursor)) return Number(cursor);
  throw new AnywireError("bad_request", "the cursor is none that a page gave; begin without one");
}

function updateChannel(context: MessagingContext): Operation {
  const request = updateChannelRequestSchema.safeExtend({ channel: channelNameSchema });
  const operation: Operation<z.output<typeof request>, ChannelInfo> = {
    name: "channel.update",
    request,
    answer: channelSchema,
    async run(caller, { channel, ...data }) {
      await context.access.assertMay(caller.principal, "manage", channel);
      await context.channel(channel);
      context.pipeline.assertFits(data);
      const { entry } = await context.record(caller, { channel, kind: "updated", data });
      return done(channelInfo(await context.channel(channel, entry.offset)));
    },
  };
  return operation;
}

function listParticipants(
  context: MessagingContext,
): Operation<z.output<typeof participantsQuerySchema>, ParticipantsPage> {
  return {
    name: "channel.participants",
    request: participantsQuerySchema,
    answer: participantsPageSchema,
    async run({ principal }, { channel, cursor, limit }) {
      await context.access.assertMay(principal, "subscribe", channel);
      await context.channel(channel);
      const after = cursor === undefined ? {} : { after: PARTICIPANT + cursor };
      const page = await context.state.list({
        partition: channel,
        prefix: PARTICIPANT,
        limit,
        ...after,
      });
      const documents = page.items.map(({ value }) => value as ParticipantDocument);
      const participants = documents
        .filter(({ leftOffset }) => leftOffset === null)
        .map(({ address, role, joinedAt, readOffset, deliveredOffset }) => {
          return { address, role, joinedAt, readOffset, deliveredOffset };
        });
      const last = documents.at(-1)?.address;
      return done({
        participants,
        ...(page.hasMore && last !== undefined ? { cursor: last } : {}),
      });
    },
  };
}

function addParticipants(context: MessagingContext): Operation {
  const request = participantsRequestSchema.safeExtend({ channel: channelNameSchema });
  const operation: Operation<z.output<typeof request>, ChannelInfo> = {
    name: "channel.add",
    request,
    answer: channelSchema,
    async run(caller, { channel, participants: given, role = "member" }) {
      const grant = await context.access.assertMay(caller.principal, "invite", channel);
      if (role === "owner" && grant.role !== null && grant.role !== "owner") {
        throw new AnywireError("permission_denied", "only an owner makes others owners");
      }
      const { type, participantCount } = await context.channel(channel);
      const declared = context.channelTypes.get(type);
      if (declared !== undefined) assertReachable(declared, given);
      const addresses = await resolveEach(given, (address) =>
        resolveParticipant(context, caller, address),
      );
      await assertKnown(context, caller, addresses);
      const { maxParticipants } = context;
      if (participantCount + addresses.length > maxParticipants) {
        throw new AnywireError(
          "limit_exceeded",
          `a channel has at most ${maxParticipants} participants, and ${channel} has ${participantCount}`,
          { details: { maxParticipants } },
        );
      }
      const participants = addresses.map((address) => ({
        address,
        role: accountIdOf(address) === undefined ? ("guest" as const) : role,
      }));
      const { entry } = await context.record(caller, {
        channel,
        kind: "added",
        data: { participants },
      });
      return done(channelInfo(await context.channel(channel, entry.offset)));
    },
  };
  return operation;
}

function removeParticipants(context: MessagingContext): Operation {
  const request = participantsRequestSchema
    .omit({ role: true })
    .safeExtend({ channel: channelNameSchema });
  const operation: Operation<z.output<typeof request>, ChannelInfo> = {
    name: "channel.remove",
    request,
    answer: channelSchema,
    async run(caller, { channel, participants: given }) {
      await context.access.assertMay(caller.principal, "manage", channel);
      await context.channel(channel);
      const participants = await resolveEach(given, (address) =>
        resolveSeat(context, caller, channel, address),
      );
      const { entry } = await context.record(caller, {
        channel,
        kind: "removed",
        data: { participants },
      });
      return done(channelInfo(await context.channel(channel, entry.offset)));
    },
  };
  return operation;
}

function setRole(context: MessagingContext): Operation {
  const request = roleRequestSchema.safeExtend({ channel: channelNameSchema });
  const operation: Operation<z.output<typeof request>, ChannelInfo> = {
    name: "channel.role",
    request,
    answer: channelSchema,
    async run(caller, { channel, participant: given, role }) {
      await context.access.assertMay(caller.principal, "manage", channel);
      await context.channel(channel);
      const participant = await resolveSeat(context, caller, channel, given);
      const data = { participant, role };
      const { entry } = await context.record(caller, { channel, kind: "role", data });
      return done(channelInfo(await context.channel(channel, entry.offset)));
    },
  };
  return operation;
}

function leaveChannel(context: MessagingContext): Operation {
  const operation: Operation<z.output<typeof named>, object> = {
    name: "channel.leave",
    request: named,
    answer: emptyAnswerSchema,
    async run(caller, { channel }) {
      await context.own(caller, channel);
      const participants = [accountAddress(caller.principal.accountId)];
      await context.record(caller, { channel, kind: "removed", data: { participants } });
      return done({});
    },
  };
  return operation;
}

/** Those who are named, each once. */
async function resolveEach(
  given: readonly string[],
  resolve: (address: string) => Promise<string>,
): Promise<string[]> {
  const addresses = new Set<string>();
  for (const address of given) addresses.add(await resolve(address));
  return [...addresses];
}
