import { z } from "zod";
import type {
  FetchedMedia,
  HandshakingConnector,
  HealthConnector,
  InstallingConnector,
  ListeningConnector,
  MediaConnector,
  Receiver,
} from "../../contract/abilities.ts";
import type { Connector } from "../../contract/connector.ts";
import type { InboundEvent, InboundMessage, MediaReference } from "../../contract/inbound-event.ts";
import type { WebhookRequest } from "../../contract/webhook.ts";

/** How old a request of this network may be, ms. */
const MAX_AGE_MS = 300_000;

/**
 * A network for tests whose requests are events themselves, as JSON. What a test may make it do stands in its members; what it was
 * told is in them, too.
 */
export class Raven
  implements
    Connector,
    MediaConnector,
    HandshakingConnector,
    ListeningConnector,
    HealthConnector,
    InstallingConnector
{
  readonly id: string;
  readonly version = "1.0.0";
  readonly displayName = "Raven";
  readonly network = "raven";
  readonly channelType = {
    name: "raven",
    identity: "participants",
    network: "raven",
    description: "Messages by raven.",
  } as const;
  readonly configSchema = z.strictObject({
    tower: z.string().min(1).describe("Where it lands."),
    rookery: z.string().default("home").describe("Where it is sent from, with the ring."),
  });
  readonly secrets = [{ name: "ring", description: "On its leg.", isRequired: true }];
  readonly freeSettings: readonly string[] = ["tower"];
  readonly addressKinds = ["raven"];
  readonly policy = {
    bulkAllowed: false,
    notes: "None.",
    keywords: { out: ["stop"], in: ["start"], help: ["help"] },
  };
  readonly limits = [];
  /** Media by their reference; what is not here can't be fetched. */
  readonly media = new Map<string, () => Promise<FetchedMedia>>();
  /** Connections that are being listened to. */
  readonly listening = new Map<string, Receiver>();
  /** Settings with which listening began, oldest first. */
  readonly listened: unknown[] = [];
  readonly told: string[] = [];
  health_: Awaited<ReturnType<HealthConnector["health"]>> = {
    state: "ok",
    reason: null,
    humanAction: "none",
  };
  installFails = false;
  /** Listening fails so often before it works. */
  listenFails = 0;
  #stops = new Map<string, () => void>();

  constructor(id = "raven") {
    this.id = id;
  }

  capabilities(): ReturnType<Connector["capabilities"]> {
    return {
      text: { maxLength: 1000, formatting: "dropped" },
      receipts: { sent: true, delivered: true, read: true },
      canStart: true,
      idempotency: "none",
    };
  }

  verify(
    { headers }: WebhookRequest,
    { secrets, now }: Parameters<Connector["verify"]>[1],
  ): ReturnType<Connector["verify"]> {
    const [ring = "", at = ""] = (headers["x-raven"] ?? "").split(" ");
    if (!(secrets["ring"] ?? []).includes(ring)) return { isGenuine: false, reason: "no ring" };
    const isStale = Math.abs(now() - Number(at)) > MAX_AGE_MS;
    return isStale ? { isGenuine: false, reason: "it is stale" } : { isGenuine: true };
  }

  async parse({ body }: WebhookRequest): Promise<readonly InboundEvent[]> {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as InboundEvent[];
  }

  async send(): Promise<{ readonly outcome: "unknown"; readonly reason: string }> {
    return { outcome: "unknown", reason: "ravens are not sent in these tests" };
  }

  handshake({ url }: WebhookRequest): ReturnType<HandshakingConnector["handshake"]> {
    const challenge = new URL(url).searchParams.get("challenge");
    if (challenge === "croak") throw new Error("croak");
    return challenge === null ? null : { status: 200, body: challenge };
  }

  async fetchMedia({ ref }: MediaReference): Promise<FetchedMedia> {
    const fetch = this.media.get(ref);
    if (fetch === undefined) throw new Error(`there is no ${ref}`);
    return await fetch();
  }

  async listen(
    { id, settings }: Parameters<ListeningConnector["listen"]>[0],
    receiver: Receiver,
    signal: AbortSignal,
  ): Promise<void> {
    this.listened.push(settings["tower"]);
    if (this.listenFails > 0) {
      this.listenFails -= 1;
      throw new Error("the tower is dark");
    }
    this.listening.set(id, receiver);
    await new Promise<void>((resolve) => {
      this.#stops.set(id, resolve);
      signal.addEventListener("abort", () => resolve());
    });
    this.listening.delete(id);
  }

  /** Ends listening as a broken connection would. */
  breakOff(id: string): void {
    this.#stops.get(id)?.();
  }

  async health(): ReturnType<HealthConnector["health"]> {
    return this.health_;
  }

  async install({ id, webhookUrl }: Parameters<InstallingConnector["install"]>[0]): Promise<void> {
    if (this.installFails) throw new Error("the rookery is closed");
    this.told.push(`install ${id} ${webhookUrl}`);
  }

  async uninstall({ id }: Parameters<InstallingConnector["uninstall"]>[0]): Promise<void> {
    this.told.push(`uninstall ${id}`);
  }
}

/** A genuine request of that network. */
export function byRaven(
  events: readonly InboundEvent[] | string | Uint8Array,
  { ring = "gold", at = Date.now(), connection = "tower" } = {},
): WebhookRequest {
  const text = typeof events === "string" ? events : JSON.stringify(events);
  return {
    method: "POST",
    url: `https://example.org/v1/webhooks/${connection}`,
    headers: { "content-type": "application/json", "x-raven": `${ring} ${at}` },
    body: events instanceof Uint8Array ? events : new TextEncoder().encode(text),
  };
}

/** A message from Ann, unless it is from somebody else. */
export function letter(externalId: string, changes: Partial<InboundMessage> = {}): InboundMessage {
  return {
    ...{ type: "message", externalId, at: Date.now(), text: `letter ${externalId}` },
    sender: { addresses: ["raven:ann"], name: "Ann" },
    ...changes,
  };
}
