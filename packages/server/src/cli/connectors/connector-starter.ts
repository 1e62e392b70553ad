/** A file of a new connector. */
export interface StarterFile {
  readonly name: string;
  readonly text: string;
}

/** A connector to begin with: it works, has a simulator, and keeps all rules. */
export function connectorStarter(id: string): readonly StarterFile[] {
  const names = { id, title: titleOf(id) };
  return [
    { name: `${id}.ts`, text: connector(names) },
    { name: `${id}-simulator.ts`, text: simulator(names) },
    { name: `${id}-fixtures.ts`, text: fixtures(names) },
    { name: `${id}.test.ts`, text: rulesTest(names) },
  ];
}

interface Names {
  readonly id: string;
  readonly title: string;
}

function titleOf(id: string): string {
  const words = id.replaceAll(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function connector({ id, title }: Names): string {
  return `import { createHmac } from "node:crypto";
import type { Connector, InboundEvent } from "@anywire/connectors";
import { callNetwork, isOneOf, jsonBody, retryAfterMs } from "@anywire/connectors/wire";
import { z } from "zod";

const settingsSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("Where the API of ${title} is."),
});

/** What ${title} tells by webhook: somebody wrote, or what became of a message of ours. */
const webhookSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message"),
    id: z.string().min(1).max(64),
    from: z.string().regex(/^[a-z0-9_]{1,32}$/),
    text: z.string().min(1),
    at: z.int().min(0),
  }),
  z.object({
    type: z.literal("status"),
    id: z.string().min(1).max(64),
    reference: z.string().min(1).max(64),
    status: z.enum(["delivered", "failed"]),
    at: z.int().min(0),
  }),
]);

/** How ${title} signs: over the raw body, since one byte of another spelling is another signature. */
function signatureOf(secret: string, body: Uint8Array): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

function toEvent(told: z.output<typeof webhookSchema>): InboundEvent {
  if (told.type === "message") {
    const { id, from, text, at } = told;
    return {
      type: "message",
      at,
      externalId: id,
      sender: { addresses: [\`${id}:\${from}\`] },
      text,
    };
  }
  const { id, reference, at } = told;
  const receipt = { type: "receipt", at, externalId: id, deliveryId: reference } as const;
  if (told.status === "delivered") return { ...receipt, status: "delivered" };
  const error = { class: "unreachable", reason: "nobody is there; try again later" } as const;
  return { ...receipt, status: "failed", error };
}

/** The connector. What it can't do it leaves out; what else one can do is in the guide "Write your own connector". */
const connector: Connector<z.output<typeof settingsSchema>> = {
  id: "${id}",
  version: "0.1.0",
  displayName: "${title}",
  network: "${id}",
  channelType: {
    name: "${id}",
    identity: "participants",
    network: "${id}",
    description: "Messages on ${title}.",
  },
  configSchema: settingsSchema,
  secrets: [
    { name: "token", description: "API token of ${title}.", isRequired: true },
    { name: "signingKey", description: "Key of its webhooks' signatures.", isRequired: true },
  ],
  addressKinds: ["${id}"],
  policy: { bulkAllowed: false, notes: "Say what ${title} demands, and where it says so." },
  limits: [{ scope: "connection", rate: 10, perMs: 1000, burst: 10, unit: "message" }],
  capabilities: () => ({
    text: { maxLength: 1000, formatting: "dropped" },
    receipts: { sent: false, delivered: true, read: false },
    canStart: true,
    idempotency: "none",
  }),
  verify({ headers, body }, { secrets }) {
    const keys = (secrets["signingKey"] ?? []).filter((key) => key !== "");
    const isGenuine = isOneOf(
      headers["x-signature"] ?? "",
      keys.map((key) => signatureOf(key, body)),
    );
    return isGenuine ? { isGenuine } : { isGenuine, reason: "the signature is wrong" };
  },
  async parse({ body }) {
    return [toEvent(webhookSchema.parse(jsonBody(body)))];
  },
  async send({ to, deliveryId, content, signal }, { settings, secrets }) {
    const result = await callNetwork({
      method: "POST",
      url: \`\${settings.url}/messages\`,
      headers: {
        authorization: \`Bearer \${secrets["token"]?.[0]}\`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        to: to.slice(to.indexOf(":") + 1),
        text: content.text,
        reference: deliveryId,
      }),
      signal,
    });
    if (result.kind !== "answered") {
      const { reason } = result;
      // Only what surely never left may be sent again.
      if (result.kind === "unclear") return { outcome: "unknown", reason };
      return { outcome: "rejected", class: "network", reason };
    }
    const reason = \`${title} answered \${result.status}\`;
    switch (result.status) {
      case 201: {
        const [, id] = /"id":"([^"]+)"/.exec(result.text) ?? [];
        return id === undefined
          ? { outcome: "unknown", reason: \`\${reason} without an id\` }
          : { outcome: "accepted", externalIds: [id] };
      }
      case 401:
        return { outcome: "rejected", class: "auth", reason };
      case 404:
        return { outcome: "rejected", class: "invalid_recipient", reason };
      case 429: {
        const wait = retryAfterMs(result.headers.get("retry-after"));
        return { outcome: "rejected", class: "rate_limited", reason, retryAfterMs: wait };
      }
      default:
        return { outcome: "unknown", reason };
    }
  },
  simulator: async () => (await import("./${id}-simulator.ts")).createSimulator,
  fixtures: async () => (await import("./${id}-fixtures.ts")).fixtures,
};

export default connector;
`;
}

function simulator({ title }: Names): string {
  return `import { createHmac, randomBytes, randomUUID } from "node:crypto";
import type { CreateSimulator } from "@anywire/connectors";
import {
  Faults,
  HandsetStore,
  json,
  type NetworkRequest,
  SHARED_FAULTS,
  startNetworkServer,
  WebhookSender,
} from "@anywire/connectors/simulator";

const BUSINESS = "us";

/** A fake of ${title}: it takes messages as the real one does, checks what the real one checks, and calls back, signed. */
export const createSimulator: CreateSimulator = async ({ webhookUrl, receiptDelayMs = 0 }) => {
  const token = randomBytes(16).toString("hex");
  const signingKey = randomBytes(16).toString("hex");
  const faults = new Faults();
  const store = new HandsetStore();
  const webhooks = new WebhookSender(faults);
  let accepted = 0;

  const tell = (told: object, delayMs = 0): void => {
    webhooks.sendLater(delayMs, () => {
      const body = JSON.stringify({ ...told, at: Date.now() });
      const signature = createHmac("sha256", signingKey).update(body).digest("hex");
      const headers = { "content-type": "application/json", "x-signature": signature };
      return { url: webhookUrl, headers, body };
    });
  };

  const answer = ({ path, headers, body }: NetworkRequest) => {
    if (headers["authorization"] !== \`Bearer \${token}\`) return json({ error: "token" }, 401);
    if (path !== "/messages") return json({ error: "path" }, 404);
    const { to, text, reference } = JSON.parse(body.toString()) as Record<string, string>;
    if (!isPerson(to)) return json({ error: "nobody is called that" }, 404);
    accepted += 1;
    const id = randomUUID();
    store.add({
      id,
      person: to,
      direction: "in",
      business: BUSINESS,
      text: text ?? "",
      media: [],
      at: Date.now(),
      status: "delivered",
    });
    const isFailing = faults.take("fail_later") !== undefined;
    tell({ type: "status", id, reference, status: isFailing ? "failed" : "delivered" }, receiptDelayMs);
    return json({ id }, 201);
  };

  const server = await startNetworkServer(answer, faults, {
    isSend: ({ path }) => path === "/messages",
    rateLimited: (retryAfterMs) => ({
      ...json({ error: "slower" }, 429),
      headers: { "retry-after": String(Math.ceil(retryAfterMs / 1000)) },
    }),
    serverError: () => json({ error: "broken" }, 500),
  });

  return {
    settings: { url: server.url },
    secrets: { token, signingKey },
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
      identity: { label: "a name on ${title}", example: "ann" },
      business: BUSINESS,
      persons: () => store.persons(),
      messages: (person) => store.messages(person),
      onChange: (listener) => store.onChange(listener),
      async write(person, { text }) {
        if (!isPerson(person)) throw new Error(\`\${person} is no name on ${title}\`);
        const id = randomUUID();
        tell({ type: "message", id, from: person, text });
        return store.add({
          id,
          person,
          direction: "out",
          business: BUSINESS,
          text,
          media: [],
          at: Date.now(),
          status: "sent",
        });
      },
    },
  };
};

function isPerson(text: string | undefined): text is string {
  return text !== undefined && /^[a-z0-9_]{1,32}$/.test(text);
}
`;
}

function fixtures({ id, title }: Names): string {
  return `import { createHmac } from "node:crypto";
import type { Fixture, InboundEvent } from "@anywire/connectors";

const at = 1_790_000_000_000;
const secrets = { token: "token-of-a-fixture", signingKey: "key-of-a-fixture" };

/** Requests of ${title}, and what they tell. Put recorded ones here. */
export const fixtures: readonly Fixture[] = [
  fixture("somebody writes", { type: "message", id: "m-1", from: "ann", text: "Grüße 👋", at }, [
    {
      type: "message",
      at,
      externalId: "m-1",
      sender: { addresses: ["${id}:ann"] },
      text: "Grüße 👋",
    },
  ]),
  fixture(
    "a message of ours has arrived",
    { type: "status", id: "m-2", reference: "d-2", status: "delivered", at },
    [{ type: "receipt", at, externalId: "m-2", deliveryId: "d-2", status: "delivered" }],
  ),
  fixture("a forged one", { type: "message", id: "m-3", from: "eve", text: "Hi", at }, undefined, "eve"),
];

function fixture(
  name: string,
  told: object,
  events: readonly InboundEvent[] | undefined,
  key = secrets.signingKey,
): Fixture {
  const body = JSON.stringify(told);
  const signature = createHmac("sha256", key).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-signature": signature };
  const url = "https://anywire.example/v1/webhooks/main";
  return {
    name,
    settings: { url: "https://${id}.example" },
    secrets,
    now: at,
    request: { method: "POST", url, headers, body },
    events,
  };
}
`;
}

function rulesTest({ id }: Names): string {
  return `import { test } from "node:test";
import { connectorRules } from "@anywire/testkit/connector-rules";
import connector from "./${id}.ts";

const subject = { connector, options: {} };

for (const rule of connectorRules) {
  test(rule.name, { skip: rule.skips?.(subject) ?? false }, async (context) => {
    const saysNothing = await rule.run(subject);
    if (saysNothing !== undefined) context.skip(saysNothing);
  });
}
`;
}
