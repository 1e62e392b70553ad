import { type AnywireClient, type ClientOptions, createClient } from "@anywire/client";
import { uploadAttachment } from "@anywire/client/attachments";
import { reportAway } from "@anywire/client/presence";
import { createStore, reportDelivered, type Store } from "@anywire/client/store";
import type { Upload } from "../attachments/tray.ts";
import { fetchDevToken } from "./dev-token.ts";

/** Someone signed in on this page, with a connection of their own. */
export interface Session {
  readonly id: string;
  /** Account id; undefined until the server has said whose token it is. */
  readonly account: string | undefined;
  readonly client: AnywireClient;
  readonly store: Store;
  readonly upload: Upload;
}

/** Waits between attempts stay short, since someone is looking. */
const MAX_RECONNECT_DELAY_MS = 5000;

/**
 * A session with a token that this server hands out.
 * @throws {AnywireError} `not_found`, `unavailable`.
 */
export async function openDevSession(account: string): Promise<Session> {
  const token = await fetchDevToken(account);
  return openSession(account, account, { token, getToken: () => fetchDevToken(account) });
}

/** A session with a token from elsewhere, for as long as it holds. */
export function openTokenSession(token: string, index: number): Session {
  return openSession(`session-${index}`, undefined, { token });
}

function openSession(
  id: string,
  account: string | undefined,
  credentials: Omit<ClientOptions, "url">,
): Session {
  const server = { url: new URL(".", document.baseURI).href, ...credentials };
  const client = createClient({ ...server, maxReconnectDelayMs: MAX_RECONNECT_DELAY_MS });
  const store = createStore(client);
  reportDelivered(client, store);
  reportAway(client);
  const upload: Upload = (file, options) => uploadAttachment({ ...server, ...options, file });
  return { id, account, client, store, upload };
}
