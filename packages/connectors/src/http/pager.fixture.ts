import type { HttpDefinitionInput } from "./http-definition.ts";

/** As little as can be said: a form instead of JSON, a token instead of a signature, the address in the URL, Basic authentication. */
export const pager: HttpDefinitionInput = {
  id: "gateway",
  displayName: "Gateway",
  network: "pager",
  address: { kind: "pager", pattern: "\\d{1,12}", example: "12345" },
  settings: { api: { description: "Where it is." } },
  secrets: {
    password: { description: "Of the account." },
    token: { description: "Sent along by the gateway." },
  },
  maxLength: 160,
  policy: { notes: "None is known." },
  send: {
    url: "{{settings.api}}/pagers/{{to}}",
    basic: { user: "anywire", password: "{{secrets.password}}" },
    body: { form: { body: "{{text}}", ref: "{{deliveryId}}" } },
    externalId: "/id",
    retryAfter: { header: "x-wait", unit: "ms" },
  },
  webhook: {
    signature: { kind: "token", header: "x-gateway-token", secret: "token" },
    body: "form",
    message: { when: { "/kind": "in" }, externalId: "/id", from: "/number", text: "/body" },
    receipt: {
      when: { "/kind": "report" },
      deliveryId: "/ref",
      status: "/state",
      statuses: { "1": "delivered", "2": "failed" },
    },
  },
};
