import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { CreateSimulator } from "../contract/simulator.ts";
import { Faults, SHARED_FAULTS } from "../simulator/faults.ts";
import { HandsetStore } from "../simulator/handset-store.ts";
import { type NetworkRequest, startNetworkServer } from "../simulator/network-server.ts";
import { WebhookSender } from "../simulator/webhook-sender.ts";
import { sealOf } from "./wax-seal.ts";

const BUSINESS = "loft-1";
const flightSchema = z.object({
  ring: z.string(),
  loft: z.string(),
  qos: z.string(),
  scroll: z.string().max(256),
});

/** How much of the flight each class of pigeon needs (RFC 2549). */
const SLOWNESS: Readonly<Record<string, number>> = { concorde: 1, first: 2, business: 3, coach: 4 };

/** A loft with its keeper: pigeons leave, land after their flight, and get lost when told to (`fail_later`). */
export const createPigeonSimulator: CreateSimulator = async ({
  webhookUrl,
  receiptDelayMs = 0,
}) => {
  const seal = randomBytes(16).toString("hex");
  const faults = new Faults();
  const store = new HandsetStore();
  const webhooks = new WebhookSender(faults);
  let accepted = 0;

  const tell = (landing: object, delayMs = 0): void => {
    webhooks.sendLater(delayMs, () => {
      const body = JSON.stringify({ ...landing, at: Date.now() });
      return { url: webhookUrl, headers: { "x-wax-seal": sealOf(seal, body) }, body };
    });
  };
  const takeOff = ({ ring, loft, qos, scroll }: z.output<typeof flightSchema>): string => {
    accepted += 1;
    const flight = randomUUID();
    const at = Date.now();
    const scrolled = { text: scroll, media: [], business: BUSINESS };
    store.add({ id: flight, person: loft, direction: "in", ...scrolled, at, status: "sent" });
    const isLost = faults.take("fail_later") !== undefined;
    tell(
      { landed: isLost ? "nowhere" : "there", flight, ring },
      receiptDelayMs * (SLOWNESS[qos] ?? 4),
    );
    return flight;
  };
  const answer = ({ body, headers }: NetworkRequest): { status: number; body: string } => {
    if (headers["x-wax-seal"] !== sealOf(seal, body)) return { status: 403, body: "whose seal?" };
    const flight = flightSchema.parse(JSON.parse(body.toString()));
    if (!isLoft(flight.loft)) return { status: 404, body: "no such loft" };
    return { status: 202, body: `flight ${takeOff(flight)}` };
  };
  const server = await startNetworkServer(answer, faults, {
    isSend: ({ path }) => path === "/flights",
    rateLimited: (retryAfterMs) => ({
      status: 429,
      headers: { "retry-after": String(Math.ceil(retryAfterMs / 1000)) },
      body: "all pigeons are out",
    }),
    serverError: () => ({ status: 500, body: "the loft is on fire" }),
  });
  return {
    settings: { url: server.url, qos: "concorde" },
    secrets: { seal },
    get accepted() {
      return accepted;
    },
    faults: [...SHARED_FAULTS, "fail_later"],
    inject: (fault) => faults.inject(fault),
    idle: () => webhooks.idle(),
    async close() {
      await webhooks.close();
      await server.close();
    },
    handset: {
      identity: { label: "a loft", example: "loft-7" },
      business: BUSINESS,
      persons: () => store.persons(),
      messages: (person) => store.messages(person),
      onChange: (listener) => store.onChange(listener),
      async write(person, { text }) {
        if (!isLoft(person)) throw new Error(`${person} is no loft, such as loft-7`);
        const flight = randomUUID();
        const scrolled = { text, media: [], business: BUSINESS, at: Date.now() };
        tell({ landed: "here", flight, loft: person, scroll: text });
        return store.add({ id: flight, person, direction: "out", ...scrolled, status: "sent" });
      },
    },
  };
};

function isLoft(text: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(text);
}
