import { setTimeout as pause } from "node:timers/promises";
import type { SentMessage } from "@anywire/types";
import type { Inbox } from "../support/inbox.ts";
import type { SdkClient } from "../support/sdk-client.ts";

/** Codes of the SDK's own: 1 no answer in time, 2 not connected, 11 the connection closed. */
const LOST_ON_THE_WAY: readonly number[] = [1, 2, 11];

/** How a publisher goes about it. */
export interface PublisherOptions {
  /** Messages on the way at the same time. Default 16. */
  readonly inFlight?: number;
  /** Between an acknowledgement and the next message in its place, ms. Default none. */
  readonly pauseMs?: number;
  /** Codes of errors after which it sends again, beside those of a lost connection. */
  readonly passing?: readonly number[];
}

/** Sends without pause, each message again with the same id until it is acknowledged. */
export interface StubbornPublisher {
  /** Sends no new ones; resolves when all that were begun are acknowledged, with how often one was sent again. */
  stop(): Promise<number>;
}

/** Starts to publish on a channel; every acknowledgement goes into `acknowledged`. */
export function startStubbornPublisher(
  name: string,
  client: SdkClient,
  channel: string,
  acknowledged: Pick<Inbox<SentMessage>, "push">,
  { inFlight = 16, pauseMs, passing = [] }: PublisherOptions = {},
): StubbornPublisher {
  let isStopped = false;
  let count = 0;
  let resent = 0;
  const onResend = (): void => {
    resent += 1;
  };
  const lane = async (): Promise<void> => {
    while (!isStopped) {
      count += 1;
      const id = `${name}-${count}`;
      acknowledged.push(await sendUntilAcknowledged(client, channel, id, { passing, onResend }));
      if (pauseMs !== undefined) await pause(pauseMs);
    }
  };
  const lanes = Promise.all(Array.from({ length: inFlight }, lane));
  return {
    async stop() {
      isStopped = true;
      await lanes;
      return resent;
    },
  };
}

/** When a message is sent again. */
export interface InsistOptions extends Pick<PublisherOptions, "passing"> {
  /** Told before each time but the first. */
  readonly onResend?: () => void;
}

/** Sends a message, whose text is its id, until it is acknowledged. */
export async function sendUntilAcknowledged(
  client: SdkClient,
  channel: string,
  id: string,
  { passing = [], onResend }: InsistOptions = {},
): Promise<SentMessage> {
  for (;;) {
    try {
      return await send(client, channel, id);
    } catch (error) {
      if (![...LOST_ON_THE_WAY, ...passing].includes((error as { code: number }).code)) throw error;
      onResend?.();
    }
  }
}

async function send(
  { centrifuge, pack, unpack }: SdkClient,
  channel: string,
  id: string,
): Promise<SentMessage> {
  const { data } = await centrifuge.rpc("message.send", pack({ channel, id, text: id }));
  return unpack(data) as SentMessage;
}
