import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../processes/free-port.ts";
import { type ServerChild, startServerChild } from "../processes/server-child.ts";

const CONNECT_TRIES = 100;
const CONNECT_EVERY_MS = 50;

/**
 * Starts Centrifugo with what the other peers have: tokens, publishing by clients, history and recovery in memory.
 * @see https://centrifugal.dev/docs/server/configuration
 */
export async function startCentrifugo(command: string, secret: string): Promise<ServerChild> {
  const port = await freePort();
  const namespace = {
    ALLOW_SUBSCRIBE_FOR_CLIENT: "true",
    ALLOW_PUBLISH_FOR_CLIENT: "true",
    HISTORY_SIZE: "1000",
    HISTORY_TTL: "1h",
    FORCE_RECOVERY: "true",
  };
  const server = await startServerChild(command, [], {
    CENTRIFUGO_HTTP_SERVER_ADDRESS: "127.0.0.1",
    CENTRIFUGO_HTTP_SERVER_PORT: String(port),
    CENTRIFUGO_CLIENT_TOKEN_HMAC_SECRET_KEY: secret,
    ...Object.fromEntries(
      Object.entries(namespace).map(([name, value]) => [
        `CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_${name}`,
        value,
      ]),
    ),
  });
  // Its log names the port before it listens there.
  await untilReachable(port);
  return { ...server, port };
}

async function untilReachable(port: number): Promise<void> {
  for (let tries = 0; tries < CONNECT_TRIES; tries += 1) {
    if (await isReachable(port)) return;
    await delay(CONNECT_EVERY_MS);
  }
  throw new Error(`Centrifugo does not listen on port ${port}`);
}

function isReachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}
