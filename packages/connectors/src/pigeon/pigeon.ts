import { z } from "zod";
import type { Connector } from "../contract/connector.ts";
import { callNetwork } from "../wire/network-call.ts";
import { retryAfterMs } from "../wire/retry-after.ts";
import { isOneOf } from "../wire/same-secret.ts";
import { toEvents } from "./pigeon-landing.ts";
import { sealOf } from "./wax-seal.ts";

const settingsSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("Where the keeper of the loft takes scrolls."),
  qos: z
    .enum(["concorde", "first", "business", "coach"])
    .default("coach")
    .describe("How well the pigeon flies (RFC 2549)."),
});

/**
 * Carrier pigeons: slow, few at a time, and some never arrive. The worked example of a connector.
 * @see https://www.rfc-editor.org/rfc/rfc1149 and https://www.rfc-editor.org/rfc/rfc2549
 */
export const pigeon: Connector<z.output<typeof settingsSchema>> = {
  id: "pigeon",
  version: "1.0.0",
  displayName: "Carrier pigeon",
  network: "pigeon",
  channelType: {
    name: "pigeon",
    identity: "participants",
    network: "pigeon",
    description: "IP over avian carriers, the worked example of a network.",
  },
  configSchema: settingsSchema,
  secrets: [{ name: "seal", description: "In the keeper's drawer, under S.", isRequired: true }],
  freeSettings: ["qos"],
  addressKinds: ["pigeon"],
  policy: { bulkAllowed: false, notes: "One scroll, one pigeon (RFC 1149, section 3)." },
  limits: [{ scope: "connection", rate: 1, perMs: 2000, burst: 2, unit: "message" }],
  capabilities: () => ({
    text: { maxLength: 256, formatting: "dropped" },
    receipts: { sent: false, delivered: true, read: false },
    canStart: true,
    idempotency: "none",
  }),
  verify({ headers, body }, { secrets }) {
    const seals = (secrets["seal"] ?? []).filter(Boolean).map((secret) => sealOf(secret, body));
    const isGenuine = isOneOf(headers["x-wax-seal"] ?? "", seals);
    return isGenuine ? { isGenuine } : { isGenuine, reason: "the wax seal is broken" };
  },
  parse: async ({ body }) => toEvents(body),
  async send({ to, deliveryId, content, signal }, { settings, secrets }) {
    const ring = { ring: deliveryId, loft: to.replace("pigeon:", ""), qos: settings.qos };
    const body = JSON.stringify({ ...ring, scroll: content.text });
    const headers = { "x-wax-seal": sealOf(secrets["seal"]?.[0] ?? "", body) };
    const url = `${settings.url}/flights`;
    const result = await callNetwork({ method: "POST", url, headers, body, signal });
    const reason = "no word from the loft; ask the keeper whether a pigeon left";
    if (result.kind !== "answered") {
      if (result.kind === "unclear") return { outcome: "unknown", reason };
      return { outcome: "rejected", class: "network", reason: `no loft there: ${result.reason}` };
    }
    if (result.status === 202 && result.text.startsWith("flight ")) {
      return { outcome: "accepted", externalIds: [result.text.slice("flight ".length)] };
    }
    const refusal = { outcome: "rejected", reason: `the loft answered ${result.status}` } as const;
    if (result.status === 403) return { ...refusal, class: "auth" };
    if (result.status === 404) return { ...refusal, class: "invalid_recipient" };
    if (result.status !== 429) return { outcome: "unknown", reason };
    const wait = retryAfterMs(result.headers.get("retry-after"));
    return { ...refusal, class: "rate_limited", retryAfterMs: wait };
  },
  simulator: async () => (await import("./pigeon-simulator.ts")).createPigeonSimulator,
  fixtures: async () => (await import("./pigeon-fixtures.ts")).pigeonFixtures,
};
