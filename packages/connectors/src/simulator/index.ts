export { Faults, SHARED_FAULTS } from "./faults.ts";
export { HandsetStore } from "./handset-store.ts";
export type { ShownMedia } from "./linked-media.ts";
export { guessMedia, LinkedMedia } from "./linked-media.ts";
export type {
  FaultAnswers,
  NetworkAnswer,
  NetworkHandler,
  NetworkRequest,
  NetworkServer,
} from "./network-server.ts";
export { json, startNetworkServer } from "./network-server.ts";
export type { OutgoingWebhook, WebhookAttempt } from "./webhook-sender.ts";
export { WebhookSender } from "./webhook-sender.ts";
