import { type ClientOptions, createClient } from "@anywire/client";
import { Conversation } from "../conversation/conversation.ts";
import { fetchDevToken } from "./dev-token.ts";

/** Someone signed in on this page, with a connection of their own. */
export interface Session {
  readonly id: string;
  /** Account id; undefined until the server has said whose token it is. */
  readonly account: string | undefined;
  readonly conversation: Conversation;
}

/** Waits between attempts stay short, since someone is looking. */
const MAX_RECONNECT_DELAY_MS = 5000;

/**
 * A session with a token that this server hands out.
 * @throws {AnywireError} `not_found`, `unavailable`.
 */
export async function openDevSession(account: string, channel: string): Promise<Session> {
  const token = await fetchDevToken(account);
  const conversation = converse(channel, { token, getToken: () => fetchDevToken(account) });
  return { id: account, account, conversation };
}

/** A session with a token from elsewhere, for as long as it holds. */
export function openTokenSession(token: string, index: number, channel: string): Session {
  const conversation = converse(channel, { token });
  return { id: `session-${index}`, account: undefined, conversation };
}

function converse(channel: string, credentials: Omit<ClientOptions, "url">): Conversation {
  const client = createClient({
    url: new URL(".", document.baseURI).href,
    maxReconnectDelayMs: MAX_RECONNECT_DELAY_MS,
    ...credentials,
  });
  return new Conversation(client, channel);
}
