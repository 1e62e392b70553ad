export type { ChatAdapter } from "./chat-adapter.ts";
export type { ChatSdkConnector } from "./chat-sdk-connector.ts";
export { createChatSdkConnector } from "./chat-sdk-connector.ts";
export type { ChatSdkAdapterOptions, ChatSdkOptions } from "./chat-sdk-options.ts";
