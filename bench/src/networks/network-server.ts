import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { createEs256Tokens, PLATFORM } from "../peers/tokens.ts";
import {
  makeTemporaryDirectory,
  removeTemporaryDirectory,
} from "../processes/temporary-directory.ts";
import { phoneOf, TWILIO } from "./twilio.ts";

/** Of the bench's connection. */
export const CONNECTION = "load";

/** Who takes part in channels that somebody outside begins. */
const AGENT = "agent";

/** How fast messages may leave through the connection. */
export interface NetworkLimit {
  readonly scope: "connection" | "sender" | "recipient";
  /** How many a second; 0 for no limit. */
  readonly rate: number;
}

/** No limit but what the server and the network can do. */
export const NO_LIMITS: readonly NetworkLimit[] = [
  { scope: "connection", rate: 0 },
  { scope: "sender", rate: 0 },
  { scope: "recipient", rate: 0 },
];

/** A server with a connection to Twilio. */
export interface NetworkServer extends PeerServer {
  /** The data directory; it stays until the end of whoever uses the server. */
  readonly directory: string;
  /** The path of the connection's webhooks. */
  readonly webhookPath: string;
  /** Opens a channel between an account and somebody's phone, and gives its name. */
  openChannel(account: string, person: number): Promise<string>;
  /** Says something on a channel; resolves once that is acknowledged. */
  say(account: string, channel: string, text: string): Promise<void>;
}

/** Runs with a server as for production that has a connection to a Twilio on that port; removes it and its data in any case. */
export async function withNetworkServer<Result>(
  networkPort: number,
  limits: readonly NetworkLimit[],
  use: (server: NetworkServer) => Promise<Result>,
): Promise<Result> {
  const directory = makeTemporaryDirectory();
  try {
    const server = await start(directory, networkPort, limits);
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  } finally {
    removeTemporaryDirectory(directory);
  }
}

async function start(
  directory: string,
  networkPort: number,
  limits: readonly NetworkLimit[],
): Promise<NetworkServer> {
  const tokens = createEs256Tokens();
  const server = await startAnywire({ dataDirectory: directory, tokens });
  const everything = [`${PLATFORM}.>`, `${PLATFORM}.connection.*`];
  const rights = { subscribe: everything, publish: everything, manage: everything };
  const call = async (account: string, path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${tokens.token(account, rights)}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const { accountSid, authToken, from } = TWILIO;
  try {
    await call(AGENT, "/v1/connections", {
      ...{ id: CONNECTION, connector: "twilio-sms", defaultAccounts: [AGENT], limits },
      settings: { accountSid, from, baseUrl: `http://127.0.0.1:${networkPort}` },
      secrets: { authToken },
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    ...server,
    directory,
    webhookPath: `/v1/webhooks/${CONNECTION}`,
    async openChannel(account, person) {
      const request = { type: "sms", participants: [`phone:${phoneOf(person)}`] };
      const { channel } = (await call(account, "/v1/channels", request)) as { channel: string };
      return channel;
    },
    async say(account, channel, text) {
      await call(account, `/v1/channels/${channel}/messages`, { text });
    },
  };
}
