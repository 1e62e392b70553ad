import { z } from "zod";
import type {
  Account,
  AccountChange,
  AccountsPage,
  Device,
  Devices,
  SaveAccountRequest,
  saveDeviceRequestSchema,
} from "./account.ts";
import type { MessageSendRpc, SentMessage, SignalSendRpc } from "./api.ts";
import type {
  ChannelInfo,
  ChannelsPage,
  ChannelsQuery,
  HideAnswer,
  MarkRequest,
  MuteAnswer,
  MuteRequest,
  OpenChannelRequest,
  ParticipantsPage,
  ParticipantsRequest,
  ReadAnswer,
  RoleRequest,
  UpdateChannelRequest,
} from "./channel.ts";
import type { ChannelAbilitiesAnswer } from "./channel-abilities.ts";
import type {
  ConsentEntry,
  connectionsPageSchema,
  connectionsQuerySchema,
  connectorsAnswerSchema,
  consentRequestSchema,
} from "./connection.ts";
import type {
  addAddressRequestSchema,
  Contact,
  ContactHistory,
  ContactsPage,
  contactHistoryQuerySchema,
  contactsQuerySchema,
  createContactRequestSchema,
  mergeRequestSchema,
  removeAddressRequestSchema,
  rotateAddressRequestSchema,
  updateContactRequestSchema,
  verifyAddressRequestSchema,
} from "./contact.ts";
import type {
  DeliveriesPage,
  Delivery,
  DeliveryHistory,
  deliveriesQuerySchema,
} from "./delivery.ts";
import type {
  DeleteMessageRequest,
  EditMessageRequest,
  MessagesPage,
  MessagesQuery,
  MessageVersions,
  MessageView,
  ReactionRequest,
} from "./message-changes.ts";
import type { Snapshot } from "./notification-event.ts";
import type { AccountPresenceAnswer, PresenceSetRpc } from "./presence.ts";

/** One RPC method: what it is asked with and what it answers. */
export interface Rpc<Request, Answer> {
  readonly request: Request;
  readonly answer: Answer;
}

/** What is asked of one channel. */
export type OnChannel<Request = object> = Request & { readonly channel: string };

/** What is asked of one thing with an id: a message, an account, a contact, a device. */
export type WithId<Request = object> = Request & { readonly id: string };

/** Where the next page starts, and how many at most. */
export interface Paging {
  readonly cursor?: string;
  readonly limit?: number;
}

/** Request of the RPC method `token.refresh`: a newer token of the same account. */
export const tokenRefreshRpcSchema = z.strictObject({ token: z.string().min(1) });

/** Answer of `token.refresh`: when the new token runs out, milliseconds since the Unix epoch; null for never. */
export interface TokenRefreshAnswer {
  readonly expiresAt: number | null;
}

/**
 * The RPC methods of the socket by their names. They are the operations of the HTTP API: what stands in a path there is a
 * field here. A product that adds methods of its own declares them by merging into this interface.
 */
export interface RpcMethods {
  "channel.open": Rpc<OpenChannelRequest, ChannelInfo>;
  "channel.get": Rpc<OnChannel, ChannelInfo>;
  "channel.list": Rpc<ChannelsQuery, ChannelsPage>;
  "channel.update": Rpc<OnChannel<UpdateChannelRequest>, ChannelInfo>;
  "channel.participants": Rpc<OnChannel<Paging>, ParticipantsPage>;
  "channel.add": Rpc<OnChannel<ParticipantsRequest>, ChannelInfo>;
  "channel.remove": Rpc<OnChannel<Pick<ParticipantsRequest, "participants">>, ChannelInfo>;
  "channel.role": Rpc<OnChannel<RoleRequest>, ChannelInfo>;
  "channel.leave": Rpc<OnChannel, object>;
  "channel.read": Rpc<OnChannel<MarkRequest>, ReadAnswer>;
  "channel.unread": Rpc<OnChannel<Partial<MarkRequest>>, ReadAnswer>;
  "channel.delivered": Rpc<OnChannel<MarkRequest>, object>;
  "channel.mute": Rpc<OnChannel<MuteRequest>, MuteAnswer>;
  "channel.unmute": Rpc<OnChannel, MuteAnswer>;
  "channel.hide": Rpc<OnChannel, HideAnswer>;
  "channel.unhide": Rpc<OnChannel, HideAnswer>;
  "message.send": Rpc<MessageSendRpc, SentMessage>;
  "message.edit": Rpc<OnChannel<WithId<EditMessageRequest>>, MessageView>;
  "message.delete": Rpc<OnChannel<WithId<DeleteMessageRequest>>, object>;
  "message.list": Rpc<OnChannel<MessagesQuery>, MessagesPage>;
  "message.get": Rpc<OnChannel<WithId>, MessageView>;
  "message.versions": Rpc<OnChannel<WithId>, MessageVersions>;
  "reaction.add": Rpc<OnChannel<WithId<ReactionRequest>>, MessageView>;
  "reaction.remove": Rpc<OnChannel<WithId<ReactionRequest>>, MessageView>;
  "pin.add": Rpc<OnChannel<WithId>, MessageView>;
  "pin.remove": Rpc<OnChannel<WithId>, MessageView>;
  "signal.send": Rpc<SignalSendRpc, object>;
  "token.refresh": Rpc<z.infer<typeof tokenRefreshRpcSchema>, TokenRefreshAnswer>;
  "me.snapshot": Rpc<object, Snapshot>;
  "me.update": Rpc<AccountChange, Account>;
  "me.devices": Rpc<object, Devices>;
  "device.add": Rpc<z.input<typeof saveDeviceRequestSchema>, Device>;
  "device.remove": Rpc<WithId, object>;
  "account.get": Rpc<WithId, Account>;
  "account.save": Rpc<SaveAccountRequest, Account>;
  "account.list": Rpc<Paging, AccountsPage>;
  "presence.get": Rpc<{ readonly accounts: readonly string[] }, AccountPresenceAnswer>;
  "presence.set": Rpc<PresenceSetRpc, object>;
  "contact.create": Rpc<z.input<typeof createContactRequestSchema>, Contact>;
  "contact.get": Rpc<WithId, Contact>;
  "contact.list": Rpc<z.input<typeof contactsQuerySchema>, ContactsPage>;
  "contact.update": Rpc<WithId<z.input<typeof updateContactRequestSchema>>, Contact>;
  "contact.history": Rpc<WithId<z.input<typeof contactHistoryQuerySchema>>, ContactHistory>;
  "contact.add_address": Rpc<WithId<z.input<typeof addAddressRequestSchema>>, Contact>;
  "contact.verify_address": Rpc<WithId<z.input<typeof verifyAddressRequestSchema>>, Contact>;
  "contact.remove_address": Rpc<WithId<z.input<typeof removeAddressRequestSchema>>, Contact>;
  "contact.rotate_address": Rpc<WithId<z.input<typeof rotateAddressRequestSchema>>, Contact>;
  "contact.merge": Rpc<WithId<z.input<typeof mergeRequestSchema>>, Contact>;
  "contact.unmerge": Rpc<WithId<z.input<typeof mergeRequestSchema>>, Contact>;
  "contact.consent": Rpc<WithId<z.input<typeof consentRequestSchema>>, ConsentEntry>;
  "connection.list": Rpc<
    z.input<typeof connectionsQuerySchema>,
    z.infer<typeof connectionsPageSchema>
  >;
  "channel.abilities": Rpc<OnChannel, ChannelAbilitiesAnswer>;
  "connector.list": Rpc<object, z.infer<typeof connectorsAnswerSchema>>;
  "delivery.list": Rpc<z.input<typeof deliveriesQuerySchema>, DeliveriesPage>;
  "delivery.get": Rpc<WithId, DeliveryHistory>;
  "delivery.retry": Rpc<WithId, Delivery>;
  "delivery.cancel": Rpc<WithId, Delivery>;
}

/** The name of an RPC method. */
export type RpcMethod = keyof RpcMethods;

/**
 * What an RPC method is asked with; of what the model knows, it answers only once the entry at `waitFor` is in what is read: the offset of an
 * entry that arrived, or that an earlier request was answered with, maybe by another server.
 */
export type RpcRequest<Method extends RpcMethod> = RpcMethods[Method]["request"] & {
  readonly waitFor?: number;
};

/** What an RPC method answers. */
export type RpcAnswer<Method extends RpcMethod> = RpcMethods[Method]["answer"];
