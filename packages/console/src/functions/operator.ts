import { type AnywireClient, type ClientOptions, createClient } from "@anywire/client";
import { fetchDevToken } from "../session/dev-token.ts";
import { FunctionLog } from "./function-log.ts";
import { createOperatorApi, type OperatorApi } from "./operator-api.ts";

/** Someone who looks after functions. */
export interface Operator {
  readonly api: OperatorApi;
  /** What functions log; undefined without a token of the platform whose messages they run for. */
  readonly log: { readonly client: AnywireClient; readonly lines: FunctionLog } | undefined;
}

/** The account that decisions are made as, on a server for development. */
const DEV_ACCOUNT = "console";
const OPERATOR_PLATFORM = "anywire";
/** Waits between attempts stay short, since someone is looking. */
const MAX_RECONNECT_DELAY_MS = 5000;

/** The API alone, with tokens that this server hands out. */
export function createDevOperatorApi(): OperatorApi {
  const getToken = (): Promise<string> => fetchDevToken(DEV_ACCOUNT, OPERATOR_PLATFORM);
  return createOperatorApi({ url: serverUrl(), getToken });
}

/**
 * An operator with tokens that this server hands out.
 * @throws {AnywireError} `not_found` when it hands out none, `unavailable` when it does not answer.
 */
export async function openDevOperator(): Promise<Operator> {
  const token = await fetchDevToken(DEV_ACCOUNT);
  const log = openLog({ token, getToken: () => fetchDevToken(DEV_ACCOUNT) });
  return { api: createDevOperatorApi(), log };
}

/** An operator with tokens from elsewhere, for as long as they hold. */
export function openTokenOperator(token: string, logToken: string | undefined): Operator {
  const api = createOperatorApi({ url: serverUrl(), getToken: async () => token });
  return { api, log: logToken === undefined ? undefined : openLog({ token: logToken }) };
}

function openLog(credentials: Omit<ClientOptions, "url">): Operator["log"] {
  const client = createClient({
    url: serverUrl(),
    ...credentials,
    maxReconnectDelayMs: MAX_RECONNECT_DELAY_MS,
  });
  return { client, lines: new FunctionLog(client) };
}

function serverUrl(): string {
  return new URL(".", document.baseURI).href;
}
