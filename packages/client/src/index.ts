export type {
  Channel,
  ChannelEvents,
  ChannelMethod,
  ChannelOptions,
  ChannelRequest,
  ChannelState,
  ChannelStatus,
  HistoryPage,
  HistoryQuery,
  PresenceMember,
} from "./channel.ts";
export type {
  AccountEvent,
  AnywireClient,
  Channels,
  ClientEvents,
  ClientOptions,
  ConnectionState,
  ConnectionStatus,
} from "./client.ts";
export { createClient } from "./client.ts";
export type { Unlisten } from "./emitter.ts";
export type { ClientTransport } from "./endpoints.ts";
export { createEntryId } from "./entry-id.ts";
export type { MessageEntry, SignalEvent } from "./publication.ts";
export { asMessage } from "./publication.ts";
export type { RequestArguments } from "./requests.ts";
