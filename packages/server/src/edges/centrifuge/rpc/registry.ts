import type { Session } from "../session.ts";
import { messageSend } from "./message-send.ts";
import { signalSend } from "./signal-send.ts";

/** Handles a call; the result travels as JSON. */
export type RpcHandler = (session: Session, data: unknown) => Promise<unknown>;

/** Every RPC method and what handles it. */
export const RPC_METHODS: ReadonlyMap<string, RpcHandler> = new Map([
  ["message.send", messageSend],
  ["signal.send", signalSend],
]);
