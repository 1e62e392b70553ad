import { setImmediate as nextTurn } from "node:timers/promises";
import type { SentMessage } from "@anywire/types";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  connectSdk,
  DIALECTS,
  type SdkClient,
  type SdkSubscription,
  subscribeSdk,
} from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const PUBLISHERS = 3;
const SUBSCRIBERS = 5;
/** So small that those who come back often need the log. */
const RECOVERY = { ringSize: 6, pageSize: 4 };

/** A client whose network can fail. */
interface Frail extends SdkClient {
  /** Tears its connection down; the SDK comes back by itself. */
  cut(): void;
}

type Step =
  | { readonly what: "send" | "cut publisher"; readonly who: number }
  | { readonly what: "cut subscriber"; readonly who: number }
  | { readonly what: "let time pass" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ what: fc.constant("send"), who: fc.nat(PUBLISHERS - 1) } as const),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("cut publisher"),
      who: fc.nat(PUBLISHERS - 1),
    } as const),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("cut subscriber"),
      who: fc.nat(SUBSCRIBERS - 1),
    } as const),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("let time pass") } as const) },
);

async function connectFrail(server: TestServer, index: number): Promise<Frail> {
  const network = new EventTarget();
  const client = await connectSdk(server, {
    account: `account-${index}`,
    networkEventTarget: network,
    ...withDialect(index),
  });
  return { ...client, cut: () => network.dispatchEvent(new Event("offline")) };
}

function withDialect(index: number) {
  const dialect = DIALECTS[index % DIALECTS.length];
  return dialect === undefined ? {} : { dialect };
}

/** Sends a message with one id until it is acknowledged. */
async function sendUntilAcknowledged(
  { centrifuge, pack, unpack }: SdkClient,
  channel: string,
  id: string,
): Promise<SentMessage> {
  for (;;) {
    try {
      const { data } = await centrifuge.rpc("message.send", pack({ channel, id, text: id }));
      return unpack(data) as SentMessage;
    } catch (error) {
      // 11: the connection closed before the answer came.
      if ((error as { code: number }).code !== 11) throw error;
    }
  }
}

async function run(
  steps: readonly Step[],
  channel: string,
  publishers: readonly Frail[],
  subscribers: readonly Frail[],
): Promise<SentMessage[]> {
  const sent: Promise<SentMessage>[] = [];
  for (const { what, ...rest } of steps) {
    const who = "who" in rest ? rest.who : 0;
    const publisher = publishers[who];
    if (what === "send" && publisher !== undefined) {
      sent.push(sendUntilAcknowledged(publisher, channel, `${who}-${sent.length}`));
    } else {
      // The SDK forgets a call whose connection is torn down before it was written, until its timeout.
      await nextTurn();
      if (what === "cut publisher") publisher?.cut();
      if (what === "cut subscriber") subscribers[who]?.cut();
    }
  }
  return Promise.all(sent);
}

async function expectEverythingOnce(
  { publications }: SdkSubscription,
  acknowledged: readonly SentMessage[],
): Promise<void> {
  const heard = await publications.atLeast(acknowledged.length);
  const inOrder = [...acknowledged].sort((a, b) => a.offset - b.offset);
  expect(heard.map(({ offset, tags }) => [offset, tags?.["id"]])).toEqual(
    inOrder.map(({ offset, id }) => [offset, id]),
  );
}

it("every subscriber has every entry once and in order, whoever loses its connection when", async () => {
  const server = await startTestServer({ recovery: RECOVERY });
  let runs = 0;
  const property = fc.asyncProperty(fc.array(step, { maxLength: 150 }), async (steps) => {
    runs += 1;
    const channel = `production.group.run-${runs}`;
    const everyone = await Promise.all(
      Array.from({ length: PUBLISHERS + SUBSCRIBERS }, (_, i) => connectFrail(server, i)),
    );
    const publishers = everyone.slice(0, PUBLISHERS);
    const subscribers = everyone.slice(PUBLISHERS);
    const subscriptions = await Promise.all(
      subscribers.map((client) => subscribeSdk(client, channel)),
    );
    const acknowledged = await run(steps, channel, publishers, subscribers);
    for (const subscription of subscriptions) {
      await expectEverythingOnce(subscription, acknowledged);
    }
    for (const { centrifuge } of everyone) centrifuge.disconnect();
  });
  await fc.assert(property, { numRuns: 40, interruptAfterTimeLimit: 20_000 });
  expect(runs).toBeGreaterThan(3);
}, 60_000);
