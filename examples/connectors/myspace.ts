import { createHttpConnector } from "@anywire/connectors/http";

/** A network that speaks JSON over HTTP needs no code: this describes how it is spoken to. The same may stand in a JSON file. */
export default createHttpConnector({
  id: "myspace",
  displayName: "Myspace",
  address: { kind: "myspace", pattern: "[a-z0-9_]{1,32}", example: "tom" },
  settings: {
    url: { description: "Where the API is.", default: "https://api.myspace.example" },
    page: { description: "The page that writes, from its address.", example: "anywire" },
  },
  secrets: {
    token: { description: "API token, from Page → Settings → Developers." },
    signingKey: { description: "Signing key of the webhook, from the same place." },
  },
  maxLength: 2000,
  policy: {
    bulkAllowed: false,
    consentRequired: false,
    notes: "Pages write to people who are their friends there.",
  },
  limits: [
    { scope: "connection", rate: 10, perMs: 1000, burst: 20 },
    { scope: "recipient", rate: 1, perMs: 1000, burst: 5 },
  ],
  send: {
    url: "{{settings.url}}/v1/pages/{{settings.page}}/messages",
    headers: { authorization: "Bearer {{secrets.token}}" },
    body: {
      json: {
        recipient: { handle: "{{to}}" },
        message: { text: "{{text}}", in_reply_to: "{{replyTo}}" },
        client_reference: "{{deliveryId}}",
      },
    },
    accepted: [201],
    externalId: "/message/id",
    isKeyHonoured: true,
    errorCode: "/error/code",
    errors: [
      {
        at: "/error/code",
        equals: "blocked",
        class: "opted_out",
        reason: "this person has blocked the page; write to them no more",
        suppressAddress: true,
      },
      { at: "/error/code", equals: "no_such_handle", class: "invalid_recipient" },
    ],
  },
  webhook: {
    signature: {
      kind: "hmac",
      algorithm: "sha256",
      header: "x-myspace-signature",
      prefix: "v1=",
      secret: "signingKey",
      signed: "{{header.x-myspace-timestamp}}.{{body}}",
      timestamp: { header: "x-myspace-timestamp", unit: "s", maxAgeMs: 300_000 },
    },
    events: "/events",
    message: {
      when: { "/type": "message.created" },
      externalId: "/message/id",
      from: "/message/author/handle",
      name: "/message/author/display_name",
      text: "/message/text",
      replyTo: "/message/in_reply_to",
      at: { pointer: "/created_at", unit: "iso" },
    },
    receipt: {
      when: { "/type": "message.status" },
      externalId: "/message/id",
      deliveryId: "/client_reference",
      status: "/status",
      statuses: { sent: "sent", arrived: "delivered", seen: "read", bounced: "failed" },
      at: { pointer: "/created_at", unit: "iso" },
    },
  },
});
