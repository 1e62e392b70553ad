import type {
  DeletingConnector,
  EditingConnector,
  MediaConnector,
  ReactingConnector,
  ReadMarkingConnector,
  TypingConnector,
} from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import { ChatBridge } from "./chat-bridge.ts";
import type { ChatSdkOptions } from "./chat-sdk-options.ts";

/** A connector with what every adapter can do; which of it the network can the capabilities say. */
export type ChatSdkConnector<S> = Connector<S> &
  DeletingConnector &
  EditingConnector &
  MediaConnector &
  ReactingConnector &
  ReadMarkingConnector &
  TypingConnector;

/** Makes a connector of an adapter of Vercel's Chat SDK (`@chat-adapter/*`). */
export function createChatSdkConnector<S>(options: ChatSdkOptions<S>): ChatSdkConnector<S> {
  const { id, displayName, version = "1.0.0", network = id, addressKind = network } = options;
  const bridge = new ChatBridge(options, addressKind);
  return {
    id,
    version,
    displayName,
    network,
    channelType: options.channelType ?? {
      name: network,
      identity: "participants",
      network,
      description: `Messages on ${displayName}.`,
    },
    configSchema: options.configSchema,
    secrets: options.secrets,
    ...(options.freeSettings === undefined ? {} : { freeSettings: options.freeSettings }),
    addressKinds: [addressKind],
    policy: options.policy,
    limits: options.limits,
    capabilities: () => ({
      ...options.capabilities,
      receipts: { sent: false, delivered: false, read: false },
      idempotency: "none",
    }),
    verify: (request, context) => bridge.verify(request, context),
    parse: (request, context) => bridge.parse(request, context),
    send: (job, context) => bridge.send(job, context),
    edit: (job, context) => bridge.edit(job, context as ConnectionContext<S>),
    delete: (job, context) => bridge.delete(job, context as ConnectionContext<S>),
    react: (job, context) => bridge.react(job, context as ConnectionContext<S>),
    typing: ({ to }, context) => bridge.typing(to, context as ConnectionContext<S>),
    markRead: ({ to, externalId }, context) =>
      bridge.markRead(to, externalId, context as ConnectionContext<S>),
    fetchMedia: (media, context) => bridge.fetchMedia(media, context as ConnectionContext<S>),
    ...(options.handshake === undefined ? {} : { handshake: options.handshake }),
    ...(options.simulator === undefined ? {} : { simulator: options.simulator }),
    ...(options.fixtures === undefined ? {} : { fixtures: options.fixtures }),
  };
}
