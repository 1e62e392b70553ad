import { createHmac, timingSafeEqual } from "node:crypto";
import type {
  ConnectionContext,
  Connector,
  DeletingConnector,
  EditingConnector,
  EstimatingConnector,
  Fixture,
  HealthConnector,
  InboundEvent,
  InstallingConnector,
  MediaConnector,
  ReactingConnector,
  ReadMarkingConnector,
  ReconcilingConnector,
  SendResult,
  TypingConnector,
} from "@anywire/connectors";
import { z } from "zod";
import { createParrotSimulator, PARROT_SECRETS, signed } from "./parrot-simulator.fixture.ts";

/** A connector that can do all that there is. */
export type Parrot = Connector &
  DeletingConnector &
  EditingConnector &
  EstimatingConnector &
  HealthConnector &
  InstallingConnector &
  MediaConnector &
  ReactingConnector &
  ReadMarkingConnector &
  ReconcilingConnector &
  TypingConnector;

const idSchema = z.string().min(1).max(512);
const from = z.string().regex(/^ring-\d{1,9}$/);
const at = z.int().min(0);
const webhookSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message"),
    at,
    id: idSchema,
    from,
    text: z.string().min(1),
    replyTo: idSchema.optional(),
    media: idSchema.optional(),
  }),
  z.object({
    type: z.literal("receipt"),
    at,
    id: idSchema,
    deliveryId: idSchema,
    status: z.enum(["sent", "delivered", "read", "failed"]),
  }),
  z.object({
    type: z.literal("reaction"),
    at,
    id: idSchema,
    from,
    emoji: z.string().min(1).max(64),
    isOff: z.boolean(),
  }),
  z.object({ type: z.literal("typing"), at, from }),
  z.object({ type: z.literal("renamed"), at, from, to: from }),
]);

function addressOf(ring: string): string {
  return `parrot:${ring}`;
}

function toEvent(body: string): InboundEvent {
  const told = webhookSchema.parse(JSON.parse(body));
  const sender = { addresses: [addressOf("from" in told ? told.from : "")] };
  switch (told.type) {
    case "message":
      return {
        type: "message",
        at: told.at,
        externalId: told.id,
        sender,
        text: told.text,
        ...(told.replyTo === undefined ? {} : { replyTo: told.replyTo }),
        ...(told.media === undefined ? {} : { media: [{ kind: "image", ref: told.media }] }),
      };
    case "receipt":
      return {
        type: "receipt",
        at: told.at,
        externalId: told.id,
        deliveryId: told.deliveryId,
        status: told.status,
        ...(told.status === "failed"
          ? { error: { class: "unreachable", reason: "the parrot flew away; try again" } }
          : {}),
      };
    case "reaction":
      return {
        type: "reaction",
        at: told.at,
        externalId: told.id,
        sender,
        emoji: told.emoji,
        action: told.isOff ? "remove" : "add",
      };
    case "typing":
      return { type: "typing", at: told.at, sender };
    case "renamed": {
      const [before, after] = [addressOf(told.from), addressOf(told.to)];
      if (before === after) throw new Error("a parrot was given the ring that it has");
      return { type: "identity_changed", at: told.at, from: before, to: after };
    }
  }
}

async function call(
  { settings, secrets }: ConnectionContext,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<SendResult> {
  const reason = "the parrots did not answer; look whether they are awake";
  let response: Response;
  try {
    response = await fetch(`${settings["url"]}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${secrets["token"]?.[0]}` },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    if (code === "ECONNREFUSED") return { outcome: "rejected", class: "network", reason };
    return { outcome: "unknown", reason };
  }
  try {
    const { id, retryAfterMs } = (await response.json()) as { id: string; retryAfterMs?: number };
    if (response.ok) return { outcome: "accepted", externalIds: [id] };
    if (response.status === 401) return { outcome: "rejected", class: "auth", reason };
    if (response.status === 429) {
      return {
        outcome: "rejected",
        class: "rate_limited",
        reason,
        retryAfterMs: retryAfterMs ?? 0,
      };
    }
    return { outcome: "rejected", class: "network", reason };
  } catch {
    return { outcome: "unknown", reason };
  }
}

async function mediaOf(job: Parameters<Connector["send"]>[0]): Promise<readonly object[]> {
  return Promise.all(
    job.content.media.map(async ({ source }) => {
      const bytes = await new Response(await source?.open()).arrayBuffer();
      const { name, mimeType } = source ?? {};
      return { name, mimeType, base64: Buffer.from(bytes).toString("base64") };
    }),
  );
}

const ring = (address: string): string => address.replace(/^\w+:/, "");

/** A connector that keeps every rule, and has every ability. */
export const parrot: Parrot = {
  id: "parrot",
  version: "1.0.0",
  displayName: "Parrot",
  network: "parrot",
  channelType: {
    name: "parrot",
    identity: "participants",
    network: "parrot",
    description: "Messages that a parrot repeats.",
  },
  configSchema: z.strictObject({ url: z.string().describe("Where the parrots are.") }),
  secrets: [
    { name: "token", description: "On the cage.", isRequired: true },
    { name: "signingSecret", description: "Under the cage.", isRequired: true },
  ],
  addressKinds: ["parrot"],
  alsoReaches: { ring: "parrot" },
  policy: {
    bulkAllowed: true,
    notes: "Parrots repeat everything.",
    keywords: { out: ["quiet"], in: ["speak"], help: ["cracker"] },
  },
  limits: [{ scope: "connection", rate: 10, perMs: 1000, unit: "message" }],
  capabilities: () => ({
    text: { maxLength: 5000, formatting: "full" },
    media: { image: { level: "full", mimeTypes: ["image/*"] }, file: { level: "fallback" } },
    reply: "full",
    edit: {},
    delete: {},
    reactions: "any",
    receipts: { sent: true, delivered: true, read: true },
    typing: true,
    markRead: true,
    canStart: true,
    idempotency: "key",
  }),
  verify({ headers, body }, { secrets, now }) {
    const at = headers["x-parrot-timestamp"] ?? "";
    const given = Buffer.from(headers["x-parrot-signature"] ?? "");
    if (!(Math.abs(Number(at) - now()) <= 300_000)) return { isGenuine: false, reason: "stale" };
    const isGenuine = (secrets["signingSecret"] ?? []).some((secret) => {
      const hmac = createHmac("sha256", secret).update(`${at}.`).update(body).digest("hex");
      const right = Buffer.from(hmac);
      return secret !== "" && right.length === given.length && timingSafeEqual(right, given);
    });
    return isGenuine ? { isGenuine } : { isGenuine, reason: "the signature is not right" };
  },
  parse: async ({ body }) => [toEvent(new TextDecoder().decode(body))],
  async send(job, context) {
    const { deliveryId, to, replyTo, content } = job;
    const media = await mediaOf(job);
    const said = { deliveryId, to: ring(to), replyTo, text: content.text, media };
    return call(context, "/send", said, job.signal);
  },
  edit: (job, context) =>
    call(context, "/edit", { id: job.externalIds[0], text: job.content.text }, job.signal),
  delete: (job, context) => call(context, "/delete", { id: job.externalIds[0] }, job.signal),
  react: ({ externalIds, emoji, action, signal }, context) =>
    call(context, "/react", { id: externalIds[0], ...(action === "add" && { emoji }) }, signal),
  async typing({ to, signal }, context) {
    await call(context, "/typing", { to: ring(to) }, signal);
  },
  async markRead({ externalId, signal }, context) {
    await call(context, "/read", { id: externalId }, signal);
  },
  async reconcile({ deliveryId, signal }, context) {
    const result = await call(context, `/messages/${deliveryId}`, {}, signal);
    return result.outcome === "accepted" && result.externalIds[0] !== null ? result : undefined;
  },
  async fetchMedia({ ref }, { settings }, signal) {
    const response = await fetch(`${settings["url"]}/files/${encodeURIComponent(ref)}`, { signal });
    if (!response.ok || response.body === null) throw new Error("the parrots have no such file");
    return { mimeType: response.headers.get("content-type") ?? "", bytes: response.body };
  },
  estimate: ({ content }) => ({ segments: Math.max(1, Math.ceil(content.text.length / 100)) }),
  async health(context, signal) {
    const { outcome } = await call(context, "/health", {}, signal);
    if (outcome === "accepted") return { state: "ok", reason: null, humanAction: "none" };
    return { state: "down", reason: "the parrots are asleep", humanAction: "none" };
  },
  install: async () => undefined,
  uninstall: async () => undefined,
  simulator: async () => createParrotSimulator,
  fixtures: async () => parrotFixtures,
};

const AT = 1_790_000_000_000;

function fixture(name: string, told: object, event: Omit<InboundEvent, "at">): Fixture {
  const body = JSON.stringify({ at: AT, ...told });
  return {
    name,
    settings: { url: "http://parrots.example" },
    secrets: PARROT_SECRETS,
    now: AT + 1000,
    request: {
      method: "POST",
      url: "https://anywire.example/hook",
      headers: signed(body, AT),
      body,
    },
    events: [{ at: AT, ...event } as InboundEvent],
  };
}

const genuine = fixture(
  "a parrot speaks",
  { type: "message", id: "m-1", from: "ring-7", text: "Pieces of eight!" },
  {
    type: "message",
    externalId: "m-1",
    sender: { addresses: ["parrot:ring-7"] },
    text: "Pieces of eight!",
  } as never,
);

/** What parrots tell. */
export const parrotFixtures: readonly Fixture[] = [
  genuine,
  fixture(
    "a parrot has listened",
    { type: "receipt", id: "m-2", deliveryId: "d-2", status: "read" },
    { type: "receipt", externalId: "m-2", deliveryId: "d-2", status: "read" } as never,
  ),
  {
    ...genuine,
    name: "a forged one",
    request: { ...genuine.request, body: genuine.request.body.replace("eight", "nine!") },
    events: undefined,
  },
];
