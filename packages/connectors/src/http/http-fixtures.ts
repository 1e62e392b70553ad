import type { Fixture } from "../contract/fixture.ts";
import type { HttpDefinition } from "./http-definition.ts";
import { bodyOf, idAt, type NetworkEvent, signedRequest } from "./http-network.ts";

const NOW = 1_790_000_000_000;
const URL = "https://anywire.example/v1/webhooks/main";

/** The network's requests as its definition describes them: one of each kind, and a forged one. */
export function fixturesOf(definition: HttpDefinition): readonly Fixture[] {
  const { address, webhook } = definition;
  const message: NetworkEvent = {
    type: "message",
    at: NOW,
    externalId: idAt(NOW, webhook.message) ?? "m-1",
    sender: { addresses: [`${address.kind}:${address.example}`] },
    text: "Grüße aus der Ferne 👋",
  };
  const receipts = Object.values(webhook.receipt?.statuses ?? {}).map(
    (status): NetworkEvent => ({
      type: "receipt",
      at: NOW,
      status,
      ...(webhook.receipt?.externalId === undefined
        ? {}
        : { externalId: idAt(NOW, webhook.receipt) ?? "m-2" }),
      ...(webhook.receipt?.deliveryId === undefined ? {} : { deliveryId: "d-2" }),
      ...(status === "failed" ? { error: FAILED } : {}),
    }),
  );
  const genuine = [message, ...new Set(receipts)].flatMap((event) => toFixture(definition, event));
  const [first] = genuine;
  if (first === undefined) return [];
  const forged = { ...first.request, headers: { "content-type": "application/json" } };
  return [...genuine, { ...first, name: "a forged one", request: forged, events: undefined }];
}

const FAILED = {
  class: "unknown",
  reason: "the network could not deliver it; look there for the reason",
} as const;

function toFixture(definition: HttpDefinition, event: NetworkEvent): readonly Fixture[] {
  const body = bodyOf(definition, event);
  if (body === undefined) return [];
  const secrets = Object.fromEntries(
    Object.keys(definition.secrets).map((name) => [name, `${name}-of-a-fixture`]),
  );
  const { url, headers } = signedRequest(definition, URL, body, secrets, NOW);
  return [
    {
      name: event.type === "message" ? "somebody writes" : `a message is ${event.status}`,
      settings: exampleSettings(definition, "https://network.example"),
      secrets,
      now: NOW,
      request: { method: "POST", url, headers, body },
      events: [event],
    },
  ];
}

/** Settings of a connection to something that answers at this URL. */
export function exampleSettings(
  { settings, send }: HttpDefinition,
  url: string,
): Readonly<Record<string, string>> {
  const [, base] = /^\{\{settings\.(\w+)\}\}/.exec(send.url) ?? [];
  return Object.fromEntries(
    Object.entries(settings).map(([name, { example, default: given }]) => [
      name,
      name === base ? url : (example ?? given ?? "example"),
    ]),
  );
}
