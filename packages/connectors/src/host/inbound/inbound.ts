import type { Consumer } from "@anywire/core";
import type { ConnectionHealth } from "@anywire/types";
import { InboundDesk } from "./inbound-desk.ts";
import type { Inbound, InboundOptions } from "./inbound-options.ts";
import { Listeners } from "./listeners.ts";
import { WebhookDoor } from "./webhook-door.ts";
import { WebhookHandler } from "./webhook-handler.ts";

/** Names the durable consumer of what came in, on all nodes. */
const CONSUMER = "inbound";
const PATTERN = "*.connection.*";
/** Giving up is the handler's own, since it keeps what it gives up; what can't even be recorded is tried again for ever. */
const MAX_ATTEMPTS = 1_000_000;

/** Puts together what handles what comes in. Nothing runs before `start`, but requests are taken in. */
export function createInbound(options: InboundOptions): Inbound {
  const desk = new InboundDesk(options);
  const door = new WebhookDoor(desk);
  const handler = new WebhookHandler(desk);
  const listeners = new Listeners(desk, door);
  let consumer: Consumer | undefined;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([consumer?.close(), handler.close(), listeners.close()]);
  };
  return {
    maxBodyBytes: desk.settings.maxBodyBytes,
    receive: (connection, request) => door.receive(connection, request),
    replay: (connection, offset) => handler.replay(connection, offset),
    async start() {
      const { concurrency, minBackoffMs, maxBackoffMs } = desk.settings;
      consumer = await options.log.consume(
        {
          ...{ name: CONSUMER, pattern: PATTERN, concurrency, minBackoffMs, maxBackoffMs },
          maxAttempts: MAX_ATTEMPTS,
          foresee: (entry) => handler.foresee(entry),
        },
        (entry, attempt) => handler.consume(entry, attempt),
      );
      listeners.start();
    },
    health: (connection) => worse(listeners.health(connection), door.health(connection)),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function worse(
  listening: ConnectionHealth | undefined,
  called: ConnectionHealth | undefined,
): ConnectionHealth | undefined {
  return listening === undefined || (listening.state === "ok" && called !== undefined)
    ? called
    : listening;
}
