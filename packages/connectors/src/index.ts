export type {
  ChangeJob,
  DeletingConnector,
  EditingConnector,
  EstimatingConnector,
  FetchedMedia,
  HandshakingConnector,
  HealthConnector,
  InstallingConnector,
  ListeningConnector,
  MediaConnector,
  ReactingConnector,
  ReadMarkingConnector,
  Receiver,
  ReconcilingConnector,
  TypingConnector,
} from "./contract/abilities.ts";
export {
  hasHealth,
  hasMedia,
  isDeleting,
  isEditing,
  isEstimating,
  isHandshaking,
  isInstalling,
  isListening,
  isReacting,
  isReadMarking,
  isReconciling,
  isTyping,
} from "./contract/abilities.ts";
export type { Capabilities, Level, MediaCapability } from "./contract/capabilities.ts";
export { connectorProblems } from "./contract/check-connector.ts";
export type { Connector, SecretField } from "./contract/connector.ts";
export type { ConnectionContext } from "./contract/context.ts";
export { secretOf } from "./contract/context.ts";
export type { Fixture } from "./contract/fixture.ts";
export type {
  InboundConsent,
  InboundDelete,
  InboundEdit,
  InboundEvent,
  InboundIdentityChange,
  InboundIgnored,
  InboundMessage,
  InboundReaction,
  InboundRead,
  InboundReceipt,
  InboundSender,
  InboundTyping,
  MediaReference,
} from "./contract/inbound-event.ts";
export type { ConnectorLimit, Estimate, Policy } from "./contract/policy.ts";
export { SMS_KEYWORDS } from "./contract/policy.ts";
export type { ConnectorRegistry } from "./contract/registry.ts";
export { createConnectorRegistry } from "./contract/registry.ts";
export type {
  Accepted,
  MediaPart,
  MediaSource,
  Rejected,
  SendContent,
  SendJob,
  SendResult,
  Unknown,
} from "./contract/send.ts";
export type {
  CreateSimulator,
  Fault,
  Handset,
  HandsetDraft,
  HandsetMessage,
  Simulator,
  SimulatorOptions,
} from "./contract/simulator.ts";
export type { Verdict, WebhookAnswer, WebhookRequest } from "./contract/webhook.ts";
