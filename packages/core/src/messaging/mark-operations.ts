import {
  AnywireError,
  accountAddress,
  channelNameSchema,
  FOREVER,
  type HideAnswer,
  hideAnswerSchema,
  type MuteAnswer,
  markRequestSchema,
  muteAnswerSchema,
  muteRequestSchema,
  type ReadAnswer,
  readAnswerSchema,
} from "@anywire/types";
import { z } from "zod";
import { isHidden, unreadOf } from "../inbox/summary.ts";
import type { OrdinalDocument } from "../state/documents.ts";
import { ORDINAL, participantKey, sortableOffset } from "../state/state-key.ts";
import type { MessagingContext, OwnChannel } from "./messaging-context.ts";
import { type Caller, done, emptyAnswerSchema, type Operation, ownPartition } from "./operation.ts";

const named = z.strictObject({ channel: channelNameSchema });
const mark = markRequestSchema.safeExtend({ channel: channelNameSchema });
const unreadRequest = named.safeExtend({
  offset: z.int().min(1).optional().describe("The message to begin at; default the last one."),
});

/** Participants of the largest channel on which everyone is told at once what everyone has read. */
const MAX_RECEIPTS = 100;

/** A message by its place in its channel; the place before the first one has the ordinal 0. */
interface Place {
  readonly offset: number;
  readonly ordinal: number;
}

type Named = z.infer<typeof named>;

/** What an account does with a channel for itself alone, on all its devices. */
export function markOperations(context: MessagingContext): Operation[] {
  return [
    read(context),
    unread(context),
    delivered(context),
    mute(context),
    unmute(context),
    hide(context, "channel.hide"),
    hide(context, "channel.unhide"),
  ];
}

function read(context: MessagingContext): Operation<z.infer<typeof mark>, ReadAnswer> {
  return {
    name: "channel.read",
    request: mark,
    answer: readAnswerSchema,
    async run(caller, { channel, offset }) {
      const own = await ownUpTo(context, caller, channel, offset);
      const place = await placeAt(context, own, offset);
      if (place.ordinal <= own.membership.readOrdinal) return done(readAnswer(own));
      return done(await setRead(context, caller, channel, { ...place, back: false }));
    },
  };
}

function unread(context: MessagingContext): Operation<z.infer<typeof unreadRequest>, ReadAnswer> {
  return {
    name: "channel.unread",
    request: unreadRequest,
    answer: readAnswerSchema,
    async run(caller, { channel, offset }) {
      const own = await context.own(caller, channel);
      const last = own.document.lastMessage;
      if (last === null) {
        throw new AnywireError("conflict", `nothing was said on ${channel}, so nothing is unread`);
      }
      const place = await placeAt(context, own, (offset ?? last.offset) - 1);
      if (place.ordinal >= own.membership.readOrdinal) return done(readAnswer(own));
      return done(await setRead(context, caller, channel, { ...place, back: true }));
    },
  };
}

function delivered(context: MessagingContext): Operation<z.infer<typeof mark>, object> {
  return {
    name: "channel.delivered",
    request: mark,
    answer: emptyAnswerSchema,
    async run(caller, { channel, offset }) {
      const own = await ownUpTo(context, caller, channel, offset);
      const address = accountAddress(caller.principal.accountId);
      const participant = await context.get(participantKey(channel, address));
      if (offset === 0 || offset <= (participant?.deliveredOffset ?? 0)) return done({});
      const data = { channel, offset };
      await context.record(caller, { channel: ownPartition(caller), kind: "delivered", data });
      await tellReceipt(context, caller, own);
      return done({});
    },
  };
}

function mute(context: MessagingContext): Operation {
  const request = muteRequestSchema.safeExtend({ channel: channelNameSchema });
  const operation: Operation<z.infer<typeof request>, MuteAnswer> = {
    name: "channel.mute",
    request,
    answer: muteAnswerSchema,
    async run(caller, { channel, until = FOREVER }) {
      await setMute(context, caller, channel, until);
      return done({ channel, mutedUntil: until });
    },
  };
  return operation;
}

function unmute(context: MessagingContext): Operation<Named, MuteAnswer> {
  return {
    name: "channel.unmute",
    request: named,
    answer: muteAnswerSchema,
    async run(caller, { channel }) {
      await setMute(context, caller, channel, null);
      return done({ channel, mutedUntil: null });
    },
  };
}

async function setMute(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  until: number | null,
): Promise<void> {
  const { membership } = await context.own(caller, channel);
  if (membership.mutedUntil === until) return;
  const data = { channel, until };
  await context.record(caller, { channel: ownPartition(caller), kind: "mute", data });
}

function hide(
  context: MessagingContext,
  name: "channel.hide" | "channel.unhide",
): Operation<Named, HideAnswer> {
  const hidden = name === "channel.hide";
  return {
    name,
    request: named,
    answer: hideAnswerSchema,
    async run(caller, { channel }) {
      const { document, membership } = await context.own(caller, channel);
      if (isHidden(document.messages, membership) === hidden) return done({ channel, hidden });
      const data = { channel, ordinal: hidden ? document.messages : null };
      await context.record(caller, { channel: ownPartition(caller), kind: "hide", data });
      return done({ channel, hidden });
    },
  };
}

/** What a mark at an offset is set in: whoever has heard of the entry there is ahead of a state that trails. */
async function ownUpTo(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  offset: number,
): Promise<OwnChannel> {
  const [head, own] = await Promise.all([context.log.head(channel), context.own(caller, channel)]);
  if (offset <= head) return own;
  throw new AnywireError(
    "bad_request",
    `offset ${offset} is beyond the end of ${channel}, which is at ${head}`,
  );
}

/** The last message at or before an offset. */
async function placeAt(
  { state }: MessagingContext,
  { document }: OwnChannel,
  offset: number,
): Promise<Place> {
  const { lastMessage, messages, channel } = document;
  if (lastMessage === null) return { offset: 0, ordinal: 0 };
  if (offset >= lastMessage.offset) return { offset: lastMessage.offset, ordinal: messages };
  const { items } = await state.list({
    partition: channel,
    prefix: ORDINAL,
    before: ORDINAL + sortableOffset(offset + 1),
    limit: 1,
    order: "desc",
  });
  const [item] = items;
  if (item === undefined) return { offset: 0, ordinal: 0 };
  const { ordinal } = item.value as OrdinalDocument;
  return { offset: Number(item.sort.slice(ORDINAL.length)), ordinal };
}

async function setRead(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  place: Place & { readonly back: boolean },
): Promise<ReadAnswer> {
  const { entry } = await context.record(caller, {
    channel: ownPartition(caller),
    kind: "read",
    data: { channel, ...place },
  });
  const own = await context.own(caller, channel, entry.offset);
  await tellReceipt(context, caller, own);
  return readAnswer(own);
}

function readAnswer({ document, membership }: OwnChannel): ReadAnswer {
  const { channel, messages } = document;
  return { channel, readOffset: membership.readOffset, unread: unreadOf(messages, membership) };
}

/** Tells those who are on the channel how far the account is; whoever comes later finds it at its participants. */
async function tellReceipt(
  context: MessagingContext,
  { principal, client = "" }: Caller,
  { document }: OwnChannel,
): Promise<void> {
  const { channel, participantCount } = document;
  if (participantCount > MAX_RECEIPTS) return;
  const account = accountAddress(principal.accountId);
  const participant = await context.get(participantKey(channel, account));
  if (participant === undefined) return;
  const { readOffset, deliveredOffset } = participant;
  await context.presence.signal({
    type: "signal",
    channel,
    member: { client, user: principal.accountId },
    kind: "receipt",
    dataJson: JSON.stringify({ account, readOffset, deliveredOffset }),
  });
}
