import type { Connection, ConnectionHealth } from "@anywire/types";

const AT = 1_783_526_400_000;

const connection: Connection = {
  id: "sms-main",
  connector: "twilio-sms",
  network: "sms",
  title: "Main number",
  settings: { accountSid: "AC00000000000000000000000000000000", from: "+447700900100" },
  isEnabled: true,
  isDefault: true,
  defaultAccounts: ["bob"],
  fallback: null,
  limits: [],
  portfolio: null,
  secrets: ["authToken"],
  overlapUntil: null,
  webhookUrl: "https://chat.example.com/v1/webhooks/sms-main",
  createdAt: AT,
};

const health: ConnectionHealth = {
  state: "ok",
  reason: null,
  humanAction: "none",
  retryAt: null,
  checkedAt: AT,
};

/** What the requests and answers about connections look like. */
export const CONNECTION_EXAMPLES = {
  connection,
  health,
  create: {
    id: "sms-main",
    connector: "twilio-sms",
    title: "Main number",
    settings: connection.settings,
    secrets: { authToken: "0123456789abcdef" },
  },
  update: { isEnabled: false },
  rotate: { secrets: { authToken: "fedcba9876543210" }, overlapMs: 3_600_000 },
  test: { to: "phone:+447700900123" },
  tested: {
    channel: "production.sms.5h2kq7",
    message: "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55",
  },
  abilities: {
    outside: {
      network: "telegram",
      edit: { maxAgeMs: 172_800_000 },
      delete: { maxAgeMs: 172_800_000 },
      reactions: ["👍", "❤", "🔥"],
      reply: true,
      media: [{ kind: "image", level: "full", maxBytes: 20_000_000 }],
      maxMedia: 10,
    },
  },
  problems: {
    problems: [
      { offset: 1042, at: AT, code: "bad_request", reason: "Twilio SMS can make nothing of it" },
    ],
  },
  connectors: {
    connectors: [
      {
        id: "twilio-sms",
        version: "1.0.0",
        displayName: "Twilio SMS",
        network: "sms",
        addressKinds: ["phone"],
        settings: { type: "object" },
        secrets: [{ name: "authToken", description: "From the console.", isRequired: true }],
      },
    ],
  },
} as const;
