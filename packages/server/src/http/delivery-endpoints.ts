import { deliveriesQuerySchema } from "@anywire/types";
import { emptyBodySchema, type ModelEndpoint } from "./model-endpoint.ts";

const DELIVERY = "/v1/deliveries/{delivery}";

const ofDelivery = ({ delivery }: Readonly<Record<string, string>>): object => ({ id: delivery });

const EXAMPLE = {
  id: "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55",
  channel: "production.sms.4q1x",
  message: "01990d3e-79f8-7d11-9a02-5d1c7f0e6b21",
  participant: "contact:k3f0",
  address: "phone:+447700900123",
  network: "sms",
  connection: "sms-main",
  action: "send",
  status: "delivered",
  error: null,
  from: "+447700900999",
  externalIds: ["SM0123456789abcdef0123456789abcdef"],
  attempts: 1,
  dueAt: null,
  segments: 1,
  price: null,
  warnings: [],
  fallbackOf: null,
  wasContradicted: false,
  createdAt: 1_758_000_000_000,
  statusAt: 1_758_000_002_000,
  expiresAt: 1_758_086_400_000,
} as const;

const FAILED = {
  ...EXAMPLE,
  status: "queued",
  externalIds: [],
  from: null,
  segments: null,
  dueAt: 1_758_000_002_000,
} as const;

const ENDPOINTS: readonly ModelEndpoint[] = [
  {
    method: "GET",
    path: "/v1/deliveries",
    id: "listDeliveries",
    operation: "delivery.list",
    tag: "Deliveries",
    summary: "List deliveries",
    description:
      "Newest first: of one `channel`, or of the whole platform, which needs a `subscribe` pattern that covers it. " +
      "`state=problem` gives the dead letters: what failed, and what nobody knows the fate of.",
    query: deliveriesQuerySchema,
    example: { deliveries: [EXAMPLE] },
  },
  {
    method: "GET",
    path: DELIVERY,
    id: "getDelivery",
    operation: "delivery.get",
    tag: "Deliveries",
    summary: "Look at a delivery",
    description: "With every step of it, oldest first, at most the first 100.",
    example: {
      ...EXAMPLE,
      steps: [
        {
          at: 1_758_000_000_000,
          offset: 42,
          step: "sending",
          data: { step: "sending", id: EXAMPLE.id, attempt: 1 },
        },
      ],
    },
    toRequest: ofDelivery,
  },
  {
    method: "POST",
    path: `${DELIVERY}/retry`,
    id: "retryDelivery",
    operation: "delivery.retry",
    tag: "Deliveries",
    summary: "Send a delivery again",
    description:
      "One that failed or is unconfirmed; the latter may arrive twice. Needs `manage` on its channel.",
    body: { schema: emptyBodySchema, example: {} },
    example: FAILED,
    errors: ["conflict", "too_large", "storage_full"],
    toRequest: ofDelivery,
  },
  {
    method: "POST",
    path: `${DELIVERY}/cancel`,
    id: "cancelDelivery",
    operation: "delivery.cancel",
    tag: "Deliveries",
    summary: "Call a delivery back",
    description: "One that still waits for its turn. Needs `manage` on its channel.",
    body: { schema: emptyBodySchema, example: {} },
    example: { ...FAILED, status: "canceled", dueAt: null },
    errors: ["conflict", "too_large", "storage_full"],
    toRequest: ofDelivery,
  },
];

/** What can be done with deliveries, over HTTP: on servers that speak to networks. */
export const DELIVERY_ENDPOINTS: readonly ModelEndpoint[] = ENDPOINTS.map((endpoint) => ({
  ...endpoint,
  isOptional: true,
}));
