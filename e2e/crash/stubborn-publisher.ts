import type { SentMessage } from "@anywire/types";
import type { Inbox } from "../support/inbox.ts";
import type { SdkClient } from "../support/sdk-client.ts";

/** Messages that one publisher has on the way at the same time. */
const IN_FLIGHT = 16;

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
  acknowledged: Inbox<SentMessage>,
): StubbornPublisher {
  let isStopped = false;
  let count = 0;
  let resent = 0;
  const insist = async (id: string): Promise<SentMessage> => {
    for (;;) {
      try {
        return await send(client, channel, id);
      } catch (error) {
        if (!isLostOnTheWay(error)) throw error;
        resent += 1;
      }
    }
  };
  const lane = async (): Promise<void> => {
    while (!isStopped) {
      count += 1;
      acknowledged.push(await insist(`${name}-${count}`));
    }
  };
  const lanes = Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return {
    async stop() {
      isStopped = true;
      await lanes;
      return resent;
    },
  };
}

async function send(
  { centrifuge, pack, unpack }: SdkClient,
  channel: string,
  id: string,
): Promise<SentMessage> {
  const { data } = await centrifuge.rpc("message.send", pack({ channel, id, text: id }));
  return unpack(data) as SentMessage;
}

/** Codes of the SDK's own: 1 no answer in time, 2 not connected, 11 the connection closed. */
function isLostOnTheWay(error: unknown): boolean {
  return [1, 2, 11].includes((error as { code: number }).code);
}
