import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Connector } from "@anywire/connectors";
import { z } from "zod";

/** How two couriers differ. */
export interface CourierTraits {
  readonly id: string;
  /** Whether its network can be asked what became of a parcel. */
  readonly canTell: boolean;
}

const settingsSchema = z.strictObject({ url: z.url().describe("Where parcels are taken.") });

/**
 * A network of tests: no receipts, no limits; it is told which process sends.
 * @public it is imported by files that a test writes
 */
export function createCourier({ id, canTell }: CourierTraits): Connector<{ url: string }> {
  const courier: Connector<{ url: string }> = {
    id,
    version: "1.0.0",
    displayName: "Courier",
    network: id,
    channelType: { name: id, identity: "participants", network: id, description: "For tests." },
    configSchema: settingsSchema,
    secrets: [],
    addressKinds: ["courier"],
    policy: { bulkAllowed: true, notes: "For tests." },
    limits: [],
    capabilities: () => ({
      text: { maxLength: 1000, formatting: "dropped" },
      receipts: { sent: false, delivered: false, read: false },
      canStart: true,
      idempotency: canTell ? "correlation" : "none",
    }),
    verify: () => ({ isGenuine: true }),
    parse: async ({ body }) => JSON.parse(new TextDecoder().decode(body)),
    async send({ deliveryId, to, content, signal }, { settings }) {
      const parcel = { id: deliveryId, to: to.slice("courier:".length), text: content.text };
      const body = JSON.stringify({ ...parcel, by: process.pid });
      try {
        const answer = await fetch(`${settings.url}/parcels`, { method: "POST", body, signal });
        if (!answer.ok) return { outcome: "unknown", reason: `answered ${answer.status}` };
        return { outcome: "accepted", externalIds: [await answer.text()] };
      } catch {
        return { outcome: "unknown", reason: "the courier gave no answer" };
      }
    },
  };
  if (!canTell) return courier;
  return Object.assign(courier, { reconcile });
}

/** Whoever asks after it has been taken over knows that nothing is on its way any more. */
const reconcile = async (
  { deliveryId, signal }: { readonly deliveryId: string; readonly signal: AbortSignal },
  { settings }: { readonly settings: { readonly url: string } },
) => {
  const answer = await fetch(`${settings.url}/parcels/${deliveryId}`, { signal });
  if (answer.ok) return { outcome: "accepted", externalIds: [await answer.text()] };
  return { outcome: "rejected", class: "network", reason: "the courier never had it" };
};

/** The couriers of tests: one whose network can be asked, one whose network tells nothing but its answer. */
export const COURIERS = {
  "telling-courier": createCourier({ id: "telling-courier", canTell: true }),
  "mute-courier": createCourier({ id: "mute-courier", canTell: false }),
} as const;

/** Writes the couriers as modules that a server can load, and gives their paths. */
export async function courierModules(directory: string): Promise<string[]> {
  const modules = Object.keys(COURIERS).map(async (id) => {
    const file = join(directory, `${id}.mjs`);
    const code = `import { COURIERS } from ${JSON.stringify(import.meta.url)};\nexport default COURIERS[${JSON.stringify(id)}];\n`;
    await writeFile(file, code);
    return file;
  });
  return await Promise.all(modules);
}
