import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import type { ChangeJob } from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { InboundEvent } from "../contract/inbound-event.ts";
import type { SendContent, SendJob } from "../contract/send.ts";
import type { Fault, Simulator, SimulatorOptions } from "../contract/simulator.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { startWebhookCatcher } from "./webhook-catcher.fixture.ts";

/** A simulator, a connection to it, and what it called. */
export interface NetworkUnderTest<S> {
  readonly simulator: Simulator;
  readonly context: ConnectionContext<S>;
  readonly requests: readonly WebhookRequest[];
  /** What all webhooks so far tell. */
  events(): Promise<readonly InboundEvent[]>;
}

/** Starts a connector's simulator, and stops it when the test is over. */
export async function startNetwork<S>(
  connector: Connector<S>,
  settings: object = {},
  options: Omit<SimulatorOptions, "webhookUrl"> = {},
): Promise<NetworkUnderTest<S>> {
  const catcher = await startWebhookCatcher();
  const create = await connector.simulator?.();
  if (create === undefined) throw new Error(`${connector.id} has no simulator`);
  const simulator = await create({ ...options, webhookUrl: catcher.url });
  onTestFinished(async () => {
    await simulator.close();
    await catcher.close();
  });
  const context: ConnectionContext<S> = {
    id: "demo",
    platform: "production",
    settings: connector.configSchema.parse({ ...simulator.settings, ...settings }),
    secrets: Object.fromEntries(
      Object.entries(simulator.secrets).map(([name, value]) => [name, [value]]),
    ),
    webhookUrl: catcher.url,
    now: Date.now,
  };
  return {
    simulator,
    context,
    requests: catcher.requests,
    async events() {
      await simulator.idle();
      const all = await Promise.all(
        catcher.requests.map((request) => connector.parse(request, context)),
      );
      return all.flat();
    },
  };
}

/** A message to somebody. */
export function jobFor(to: string, text: string, over: Partial<SendJob> = {}): SendJob {
  return {
    deliveryId: randomUUID(),
    messageId: randomUUID(),
    channel: "production.demo.1",
    title: null,
    to,
    senderName: "Bob",
    content: contentOf(text),
    references: [],
    kind: "conversational",
    attempt: 1,
    signal: AbortSignal.timeout(15_000),
    ...over,
  };
}

/** What a message says that has no more than a text. */
export function contentOf(text: string, over: Partial<SendContent> = {}): SendContent {
  return { text, media: [], message: text === "" ? {} : { text }, ...over };
}

/** A change of what was sent by a job. */
export function changeOf(job: SendJob, externalIds: readonly string[], text = ""): ChangeJob {
  const { replyTo: _, references: __, ...change } = job;
  return { ...change, externalIds, content: contentOf(text) };
}

/** An attachment of the server's own. */
export function attachment(
  name: string,
  mimeType: string,
  bytes: Uint8Array,
): SendContent["media"] {
  const url = `https://files.example.org/${name}`;
  const sizeBytes = bytes.byteLength;
  const [kind] = mimeType.split("/");
  const type = kind === "image" || kind === "audio" ? kind : "file";
  const open = async (): Promise<ReadableStream<Uint8Array>> =>
    new Blob([new Uint8Array(bytes)]).stream() as ReadableStream<Uint8Array>;
  return [
    {
      part: { type, url, name, mimeType, sizeBytes },
      source: { name, mimeType, sizeBytes, url, open },
    },
  ];
}

/** What a host's patience is with a network under a fault: where no answer comes it ends once the network has taken the message. */
export function patienceWith(fault: Fault, { handset }: Simulator): AbortSignal {
  if (fault.kind !== "accept_then_hang") return AbortSignal.timeout(15_000);
  const end = new AbortController();
  handset.onChange(() => end.abort());
  return end.signal;
}
