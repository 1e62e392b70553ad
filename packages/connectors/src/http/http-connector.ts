import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { Capabilities } from "../contract/capabilities.ts";
import type { Connector } from "../contract/connector.ts";
import {
  type HttpDefinition,
  type HttpDefinitionInput,
  httpDefinitionSchema,
  wholeOf,
} from "./http-definition.ts";
import { fixturesOf } from "./http-fixtures.ts";
import { parseDefined } from "./http-parse.ts";
import { sendDefined } from "./http-send.ts";
import { verifyRecipe } from "./http-signature.ts";
import { createHttpSimulator } from "./http-simulator.ts";
import { placeholdersIn } from "./template.ts";

/** Settings of a connection to a network that was described: all are texts. */
export type HttpSettings = Readonly<Record<string, string>>;

/**
 * The connector for a simple HTTP network: one request sends a message, signed webhooks tell what comes back. It comes with a simulator.
 * @throws {AnywireError} `bad_request` that names everything that is wrong with the definition
 */
export function createHttpConnector(input: HttpDefinitionInput): Connector<HttpSettings> {
  const parsed = httpDefinitionSchema.safeParse(input);
  if (!parsed.success) {
    throw new AnywireError(
      "bad_request",
      `the definition of this HTTP connector is wrong:\n${z.prettifyError(parsed.error)}`,
    );
  }
  const definition = parsed.data;
  const { id, version, displayName, address, policy, limits, secrets, freeSettings } = definition;
  const network = definition.network ?? id;
  const capabilities = capabilitiesOf(definition);
  return {
    id,
    version,
    displayName,
    network,
    channelType: {
      name: network,
      identity: "participants",
      network,
      description: `Messages on ${displayName}.`,
    },
    configSchema: settingsSchema(definition),
    secrets: Object.entries(secrets).map(([name, secret]) => ({ name, ...secret })),
    freeSettings,
    addressKinds: [address.kind],
    policy,
    limits: limits.map((limit) => ({ ...limit, unit: "message" })),
    capabilities: () => capabilities,
    verify: (request, context) => verifyRecipe(definition.webhook.signature, request, context),
    parse: async (request, { now }) => parseDefined(definition, request, now()),
    send: (job, context) => sendDefined(definition, job, context),
    simulator: async () => createHttpSimulator(definition),
    fixtures: async () => fixturesOf(definition),
  };
}

function capabilitiesOf({ maxLength, canStart, send, webhook }: HttpDefinition): Capabilities {
  const told = Object.values(webhook.receipt?.statuses ?? {});
  const body = "json" in send.body ? send.body.json : send.body.form;
  const isReply = placeholdersIn(body).includes("replyTo") && webhook.message.replyTo !== undefined;
  return {
    text: { maxLength, formatting: "dropped" },
    reply: isReply ? "full" : "dropped",
    receipts: {
      sent: told.includes("sent"),
      delivered: told.includes("delivered"),
      read: told.includes("read"),
      failed: told.includes("failed"),
    },
    canStart,
    idempotency: send.isKeyHonoured ? "key" : "none",
  };
}

function settingsSchema({ settings, send }: HttpDefinition): z.ZodType<HttpSettings> {
  const [, base] = /^\{\{settings\.(\w+)\}\}/.exec(send.url) ?? [];
  const fields = Object.entries(settings).map(([name, setting]) => {
    const { pattern, description, default: given } = setting;
    const text =
      name === base
        ? z.url({ protocol: /^https?$/, error: "must be an http or https URL" })
        : z.string().min(1).max(2048);
    const checked = pattern === undefined ? text : text.regex(wholeOf(pattern));
    const field = given === undefined ? checked : checked.default(given);
    return [name, field.describe(description)] as const;
  });
  return z.strictObject(Object.fromEntries(fields)) as z.ZodType<HttpSettings>;
}
