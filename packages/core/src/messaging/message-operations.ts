import {
  AnywireError,
  accountAddress,
  channelNameSchema,
  deleteMessageRequestSchema,
  editMessageRequestSchema,
  entryIdSchema,
  type Message,
  type MessagesPage,
  type MessageVersions,
  type MessageView,
  messageSendRpcSchema,
  messagesPageSchema,
  messagesQuerySchema,
  messageVersionsSchema,
  messageViewSchema,
  reactionRequestSchema,
  type SentMessage,
  sentMessageSchema,
} from "@anywire/types";
import { z } from "zod";
import type { MessageDocument, OrdinalDocument } from "../state/documents.ts";
import { messageKey, ORDINAL, outOfSightKey, sortableOffset, THREAD } from "../state/state-key.ts";
import { viewMessages } from "./message-view.ts";
import type { MessagingContext } from "./messaging-context.ts";
import {
  type Caller,
  done,
  emptyAnswerSchema,
  notFound,
  type Operation,
  ownPartition,
} from "./operation.ts";

const named = z.strictObject({ channel: channelNameSchema, id: entryIdSchema });
type Named = z.infer<typeof named>;

/** What can be done with messages. */
export function messageOperations(context: MessagingContext): Operation[] {
  return [
    sendMessage(context),
    editMessage(context),
    deleteMessage(context),
    listMessages(context),
    getMessage(context),
    listVersions(context),
    react(context, "reaction.add"),
    react(context, "reaction.remove"),
    pin(context, "pin.add"),
    pin(context, "pin.remove"),
  ];
}

function sendMessage(
  context: MessagingContext,
): Operation<z.infer<typeof messageSendRpcSchema>, SentMessage> {
  return {
    name: "message.send",
    request: messageSendRpcSchema,
    answer: sentMessageSchema,
    async run({ principal, client }, { channel, id, ...data }) {
      const { entry, isNew } = await context.pipeline.publish(principal, {
        channel,
        kind: "message",
        data,
        ...(client === undefined ? {} : { client }),
        ...(id === undefined ? {} : { id }),
      });
      const { offset, timetoken, at } = entry;
      const { epoch } = context.log;
      // Not always the channel that was asked for: what runs before may have sent it to another one.
      const place = { id: entry.id, channel: entry.channel, offset, epoch, timetoken, at };
      return { answer: place, isNew };
    },
  };
}

function editMessage(context: MessagingContext): Operation {
  const request = editMessageRequestSchema.safeExtend({
    channel: channelNameSchema,
    id: entryIdSchema,
  });
  const operation: Operation<z.infer<typeof request>, MessageView> = {
    name: "message.edit",
    request,
    answer: messageViewSchema,
    async run(caller, { channel, id, ...message }) {
      await context.access.assertMay(caller.principal, "publish", channel);
      await context.channel(channel);
      context.pipeline.assertFits(message);
      const data = { target: id, message };
      const { entry } = await context.recordSaid(caller, { channel, kind: "edit", data });
      return done(await viewOne(context, caller, channel, id, entry.offset));
    },
  };
  return operation;
}

function deleteMessage(context: MessagingContext): Operation {
  const request = deleteMessageRequestSchema.safeExtend(named.shape);
  const operation: Operation<z.infer<typeof request>, object> = {
    name: "message.delete",
    request,
    answer: emptyAnswerSchema,
    async run(caller, { channel, id, forMe }) {
      const { principal } = caller;
      await context.access.assertMay(principal, "publish", channel);
      const message = await documentOf(context, channel, id);
      if (forMe) {
        const data = { channel, target: id };
        await context.record(caller, {
          channel: ownPartition(caller),
          kind: "delete_for_me",
          data,
        });
        return done({});
      }
      // Deleting twice, as after a lost answer, is deleting.
      if (message.deleted) return done({});
      if (message.sender !== accountAddress(principal.accountId)) {
        await context.access.assertMay(principal, "manage", channel);
      }
      await context.record(caller, { channel, kind: "delete", data: { target: id } });
      return done({});
    },
  };
  return operation;
}

function listMessages(context: MessagingContext): Operation {
  const request = messagesQuerySchema.safeExtend({ channel: channelNameSchema });
  type Request = z.output<typeof request>;
  const operation: Operation<Request, MessagesPage> = {
    name: "message.list",
    request,
    answer: messagesPageSchema,
    async run(caller, query) {
      const { channel } = query;
      const grant = await context.access.assertMay(caller.principal, "subscribe", channel);
      const { pins } = await context.channel(channel);
      const after = Math.max(query.after ?? 0, grant.visibleAfter);
      const isPinned = query.pinned !== undefined;
      const { ids, cursor } = isPinned
        ? { ids: pins }
        : await findIds(context, { ...query, after });
      const { documents, asOf } = await documentsOf(context, channel, ids);
      const visible = documents.filter(({ offset }) => offset > after);
      const messages = await viewVisible(context, caller, channel, visible);
      return done({ messages, ...(cursor === undefined ? {} : { cursor }), asOf });
    },
  };
  return operation;
}

/** The ids of a page of messages, and where the next page begins. */
async function findIds(
  { state }: MessagingContext,
  query: z.output<typeof messagesQuerySchema> & { channel: string; after: number },
): Promise<{ readonly ids: readonly string[]; readonly cursor?: string | undefined }> {
  const { channel, thread, after, before, limit, order } = query;
  const prefix = thread === undefined ? ORDINAL : `${THREAD}${thread}:`;
  const page = await state.list({
    partition: channel,
    prefix,
    after: prefix + sortableOffset(after),
    ...(before === undefined ? {} : { before: prefix + sortableOffset(before) }),
    limit,
    order,
  });
  const ids = page.items.map(({ value }) =>
    thread === undefined ? (value as OrdinalDocument).id : (value as string),
  );
  const last = page.items.at(-1);
  const hasMore = page.hasMore && last !== undefined;
  return { ids, cursor: hasMore ? String(Number(last.sort.slice(prefix.length))) : undefined };
}

function getMessage(context: MessagingContext): Operation<Named, MessageView> {
  return {
    name: "message.get",
    request: named,
    answer: messageViewSchema,
    async run(caller, { channel, id }) {
      await visibleDocument(context, caller, channel, id);
      return done(await viewOne(context, caller, channel, id));
    },
  };
}

function listVersions(context: MessagingContext): Operation<Named, MessageVersions> {
  return {
    name: "message.versions",
    request: named,
    answer: messageVersionsSchema,
    async run(caller, { channel, id }) {
      const message = await visibleDocument(context, caller, channel, id);
      if (message.deleted) throw notFound(`message ${id} of ${channel} was deleted`);
      const offsets = [message.offset, ...message.edits];
      const pages = await Promise.all(
        offsets.map((offset) =>
          context.log.read({ pattern: channel, after: offset - 1, limit: 1, order: "asc" }),
        ),
      );
      const versions = pages.flatMap(({ entries }, i) =>
        entries.map(({ kind, at, sender, dataJson }) => {
          const data = JSON.parse(dataJson) as Message & { message: Message };
          return { version: i + 1, at, by: sender, data: kind === "edit" ? data.message : data };
        }),
      );
      return done({ versions });
    },
  };
}

function react(context: MessagingContext, name: "reaction.add" | "reaction.remove"): Operation {
  const request = reactionRequestSchema.safeExtend(named.shape);
  const action = name === "reaction.add" ? "add" : "remove";
  const operation: Operation<z.infer<typeof request>, MessageView> = {
    name,
    request,
    answer: messageViewSchema,
    async run(caller, { channel, id, emoji }) {
      await context.access.assertMay(caller.principal, "publish", channel);
      await visibleDocument(context, caller, channel, id);
      const data = { target: id, emoji, action } as const;
      const { entry } = await context.record(caller, { channel, kind: "reaction", data });
      return done(await viewOne(context, caller, channel, id, entry.offset));
    },
  };
  return operation;
}

function pin(context: MessagingContext, name: "pin.add" | "pin.remove"): Operation {
  const action = name === "pin.add" ? "add" : "remove";
  const operation: Operation<Named, MessageView> = {
    name,
    request: named,
    answer: messageViewSchema,
    async run(caller, { channel, id }) {
      await context.access.assertMay(caller.principal, "invite", channel);
      const data = { target: id, action } as const;
      const { entry } = await context.record(caller, { channel, kind: "pin", data });
      return done(await viewOne(context, caller, channel, id, entry.offset));
    },
  };
  return operation;
}

/** A message that the caller may see. @throws {AnywireError} `not_found`, also for one from before its time */
async function visibleDocument(
  context: MessagingContext,
  { principal }: Caller,
  channel: string,
  id: string,
): Promise<MessageDocument> {
  const { visibleAfter } = await context.access.assertMay(principal, "subscribe", channel);
  const document = await documentOf(context, channel, id);
  if (document.offset > visibleAfter) return document;
  throw notFound(`there is no message ${id} in ${channel}`);
}

async function documentOf(
  context: MessagingContext,
  channel: string,
  id: string,
  atLeast?: number,
): Promise<MessageDocument> {
  return await context.find(
    messageKey(channel, id),
    `there is no message ${id} in ${channel}`,
    atLeast,
  );
}

/** Documents of one moment, and which. */
async function documentsOf(
  { state }: MessagingContext,
  channel: string,
  ids: readonly string[],
): Promise<{ readonly documents: readonly MessageDocument[]; readonly asOf: number }> {
  const { values, position } = await state.get(ids.map((id) => messageKey(channel, id)));
  const found = values as readonly (MessageDocument | undefined)[];
  return { documents: found.filter((document) => document !== undefined), asOf: position };
}

async function viewOne(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  id: string,
  atLeast?: number,
): Promise<MessageView> {
  const document = await documentOf(context, channel, id, atLeast);
  const [view] = await viewMessages(context, caller, channel, [document]);
  if (view === undefined) throw new AnywireError("internal", `message ${id} has no view`);
  return view;
}

/** Without what the caller does not want to see. */
async function viewVisible(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  documents: readonly MessageDocument[],
): Promise<MessageView[]> {
  const partition = ownPartition(caller);
  const unwanted = await context.getAll(
    documents.map(({ id }) => outOfSightKey(partition, channel, id)),
  );
  const wanted = documents.filter((_, i) => unwanted[i] !== true);
  return await viewMessages(context, caller, channel, wanted);
}
