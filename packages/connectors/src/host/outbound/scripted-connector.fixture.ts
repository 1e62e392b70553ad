import { z } from "zod";
import type { ChangeJob, ReconcilingConnector } from "../../contract/abilities.ts";
import type { Capabilities } from "../../contract/capabilities.ts";
import type { Connector } from "../../contract/connector.ts";
import type { Policy } from "../../contract/policy.ts";
import type { SendJob, SendResult } from "../../contract/send.ts";

/** A network that does what a test says, and remembers what it was asked. */
export class ScriptedNetwork {
  readonly jobs: SendJob[] = [];
  readonly changes: (ChangeJob & { readonly what: string })[] = [];
  /** When each job came, ms. */
  readonly times: number[] = [];
  /** Answers by turns; what is not scripted is accepted. */
  readonly script: ((job: SendJob) => SendResult | Promise<SendResult>)[] = [];
  /** Decides when the script is empty. */
  otherwise: (job: SendJob) => SendResult | Promise<SendResult> = (job) => accepted(job);

  get texts(): string[] {
    return this.jobs.map(({ content }) => content.text);
  }

  async send(job: SendJob): Promise<SendResult> {
    this.jobs.push(job);
    this.times.push(performance.now());
    return await (this.script.shift() ?? this.otherwise)(job);
  }
}

/** The network takes it. */
export function accepted(job: { readonly deliveryId: string }): SendResult {
  return { outcome: "accepted", externalIds: [`x-${job.deliveryId}`] };
}

/** The network refuses it. */
export function rejected(
  kind: Extract<SendResult, { outcome: "rejected" }>["class"],
  more: Partial<Extract<SendResult, { outcome: "rejected" }>> = {},
): SendResult {
  return { outcome: "rejected", class: kind, reason: `it is ${kind}`, ...more };
}

/** How a scripted connector is to be. */
export interface ScriptedOptions {
  readonly network?: string;
  readonly policy?: Partial<Policy>;
  readonly limits?: Connector["limits"];
  readonly capabilities?: Partial<Capabilities>;
  readonly reconcile?: ReconcilingConnector["reconcile"];
  readonly estimate?: (text: string) => number;
  readonly changes?: boolean;
}

/** A connector to a network that a test plays. */
export function scriptedConnector(
  network: ScriptedNetwork,
  options: ScriptedOptions = {},
): Connector {
  const { network: name = "test", policy = {}, limits = [], capabilities = {} } = options;
  const { reconcile, estimate } = options;
  const change = (what: string) => async (job: ChangeJob) => {
    network.changes.push({ ...job, what });
    return accepted(job);
  };
  return {
    id: `scripted-${name}`,
    version: "1.0.0",
    displayName: "Scripted",
    network: name,
    channelType: { name, identity: "participants", network: name, description: "Scripted." },
    configSchema: z.looseObject({}),
    secrets: [],
    addressKinds: ["phone"],
    policy: { bulkAllowed: true, notes: "None.", ...policy },
    limits,
    capabilities: () => ({
      text: { maxLength: 1_000, formatting: "dropped" },
      receipts: { sent: true, delivered: true, read: true },
      canStart: true,
      idempotency: "none",
      ...capabilities,
    }),
    verify: () => ({ isGenuine: true }),
    parse: async () => [],
    send: (job) => network.send(job),
    ...(reconcile === undefined ? {} : { reconcile }),
    ...(estimate === undefined
      ? {}
      : {
          estimate: ({ content }: Pick<SendJob, "content">) => ({
            segments: estimate(content.text),
          }),
        }),
    ...(options.changes === true
      ? {
          edit: change("edit"),
          delete: change("delete"),
          react: async (job: ChangeJob & { emoji: string; action: string }) =>
            await change(`${job.action} ${job.emoji}`)(job),
        }
      : {}),
  };
}
