import {
  type Capabilities,
  type ConnectionContext,
  type Connector,
  isDeleting,
  isEditing,
  isReacting,
  isReadMarking,
  isTyping,
} from "@anywire/connectors";
import { addressSchema, createChannelTypeRegistry } from "@anywire/types";
import type { ConnectorRule, ConnectorSubject } from "./connector-rule.ts";
import { expectEqual, expectThat, show, wordsOf } from "./expect-that.ts";
import { fixtureContext, fixturesOf } from "./fixture-context.ts";
import { onStage } from "./stage.ts";

/** What a connector says of itself. */
export const declarationRules: readonly ConnectorRule[] = [
  {
    name: "says who it is: id, version, name, network, address kinds",
    run: async ({ connector }) => checkIdentity(connector),
  },
  {
    name: "has a channel type of its network, the built-in one where there is one",
    run: async ({ connector }) => checkChannelType(connector),
  },
  {
    name: "describes every setting and every secret",
    run: async ({ connector }) => checkSchema(connector),
  },
  {
    name: "frees no setting that leads to the network",
    run: async (subject) => {
      await withContext(subject, (context) => checkFreeSettings(subject.connector, context));
    },
  },
  {
    name: "declares a policy and limits that the host can keep",
    run: async ({ connector }) => {
      checkPolicy(connector);
      checkLimits(connector);
    },
  },
  {
    name: "declares capabilities that suit its abilities",
    run: async (subject) => {
      await withContext(subject, (context) => checkCapabilities(subject.connector, context));
    },
  },
  {
    name: "refuses settings that are no object",
    run: async ({ connector, options }) => {
      for (const settings of [null, "text", 7, ["a"]]) {
        expectThat(
          !connector.configSchema.safeParse(settings).success,
          `configSchema takes ${show(settings)}; use z.strictObject`,
        );
      }
      const [fixture] = options.fixtures ?? (await connector.fixtures?.()) ?? [];
      expectThat(
        !connector.configSchema.safeParse({ ...fixture?.settings, "no such setting": 1 }).success,
        "configSchema takes a setting that it does not know, so a slip of the pen goes unseen; use z.strictObject",
      );
    },
  },
];

async function withContext(
  subject: ConnectorSubject,
  look: (context: ConnectionContext) => undefined,
): Promise<string | undefined> {
  const { connector, options } = subject;
  if (options.simulator !== undefined || connector.simulator !== undefined) {
    return onStage(subject, async ({ context }) => look(context));
  }
  for (const fixture of await fixturesOf(subject)) look(fixtureContext(subject, fixture));
  return undefined;
}

function checkIdentity({
  id,
  version,
  displayName,
  network,
  addressKinds,
  ...rest
}: Connector): undefined {
  expectThat(/^[a-z][a-z0-9-]{0,63}$/.test(id), `id ${show(id)} must be small letters, digits, -`);
  expectThat(
    /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    `version ${show(version)} must be a semantic version, such as 1.0.0`,
  );
  expectThat(displayName.trim() !== "", "displayName is empty; name the network for people");
  expectThat(
    /^[a-z][a-z0-9_-]{0,63}$/.test(network),
    `network ${show(network)} must be small letters, digits, - or _`,
  );
  expectThat(
    network !== "app" && network !== "any",
    `network ${network} is a word of the server's own`,
  );
  expectThat(addressKinds.length > 0, "addressKinds is empty, so nobody can be written to");
  const also = Object.entries(rest.alsoReaches ?? {});
  for (const kind of [...addressKinds, ...also.map(([from]) => from)]) {
    expectThat(
      addressSchema.safeParse(`${kind}:x`).success && kind !== "account" && kind !== "contact",
      `address kind ${show(kind)} can't be one: small letters, digits, - or _, and not account or contact`,
    );
  }
  for (const [from, to] of also) {
    expectThat(
      addressKinds.includes(to) && !addressKinds.includes(from),
      `alsoReaches ${from} → ${to} must lead from another kind to one of addressKinds`,
    );
  }
}

function checkChannelType({ channelType, network }: Connector): undefined {
  expectEqual(channelType.network, network, "channelType.network must be the connector's network");
  expectThat(channelType.description.trim() !== "", "channelType.description is empty");
  const types = createChannelTypeRegistry();
  const known = types.get(channelType.name);
  if (known !== undefined) {
    expectEqual(channelType, known, `channel type ${channelType.name} is built in; take it as is`);
    return;
  }
  try {
    types.declare(channelType);
  } catch (error) {
    throw new Error(`channelType can't be declared: ${wordsOf(error)}`);
  }
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

function schemaOf({ configSchema }: Connector): JsonSchema {
  return configSchema.toJSONSchema({ io: "input", unrepresentable: "any" }) as JsonSchema;
}

function checkSchema(connector: Connector): undefined {
  const { secrets } = connector;
  const schema = schemaOf(connector);
  for (const { properties = {} } of branches(schema)) {
    for (const [name, { description }] of Object.entries(properties)) {
      expectThat(
        (description ?? "").trim() !== "",
        `setting ${name} has no description; add .describe("…") with what it is and where a person finds it`,
      );
      expectThat(
        !secrets.some((secret) => secret.name === name),
        `${name} is both a setting and a secret; settings are shown, so keep it as a secret alone`,
      );
    }
  }
  for (const { name, description } of secrets) {
    expectThat(/^\w{1,64}$/.test(name), `secret ${show(name)} must be letters, digits and _`);
    expectThat(
      description.trim() !== "",
      `secret ${name} has no description; say where it is found`,
    );
  }
  const names = secrets.map(({ name }) => name);
  expectEqual([...new Set(names)], names, "two secrets have one name");
}

/** What a schema says of a setting that leads somewhere, at any depth. */
const LEADS_SOMEWHERE = /"format":"(?:uri|url|hostname|ipv[46])"/;
/** What leads to a simulator, or is a URL. */
const PLACE = /:\/\/|127\.0\.0\.1|localhost|::1/;

function checkFreeSettings(connector: Connector, { settings }: ConnectionContext): undefined {
  const known = branches(schemaOf(connector));
  for (const name of connector.freeSettings ?? []) {
    const schemas = known.map(({ properties = {} }) => properties[name]).filter(Boolean);
    expectThat(schemas.length > 0, `freeSettings names ${name}, and there is no such setting`);
    expectThat(
      !LEADS_SOMEWHERE.test(JSON.stringify(schemas)) &&
        !PLACE.test(JSON.stringify(settings[name]) ?? ""),
      `freeSettings names ${name}, which is a place: whoever may change it could have secrets sent elsewhere; take it out`,
    );
  }
}

function branches(schema: JsonSchema): readonly JsonSchema[] {
  const { anyOf = [], oneOf = [], allOf = [] } = schema;
  return [schema, ...[...anyOf, ...oneOf, ...allOf].flatMap(branches)];
}

function checkPolicy({ policy }: Connector): void {
  expectThat(policy.notes.trim() !== "", "policy.notes is empty; say what the network demands");
  expectThat(
    policy.replyWindowMs === undefined || policy.replyWindowMs > 0,
    "policy.replyWindowMs must be more than 0; leave it out when one may always write",
  );
  const { out = [], in: back = [], help = [] } = policy.keywords ?? {};
  const words = [...out, ...back, ...help];
  expectThat(
    words.every((word) => word !== "" && word === word.toLowerCase().trim()),
    `policy.keywords must be small letters without spaces around: ${show(words)}`,
  );
  expectThat(new Set(words).size === words.length, `a keyword means two things: ${show(words)}`);
}

function checkLimits({ limits }: Connector): void {
  for (const limit of limits) {
    const { rate, perMs, burst = 1 } = limit;
    expectThat(
      rate > 0 && Number.isFinite(rate) && perMs >= 1 && Number.isInteger(burst) && burst >= 1,
      `limit ${show(limit)} must have a rate above 0, perMs of 1 or more, and a whole burst of 1 or more`,
    );
  }
  const scopes = limits.map(({ scope, unit, perMs }) => `${scope}/${unit}/${perMs}`);
  expectThat(new Set(scopes).size === scopes.length, `a limit is given twice: ${show(scopes)}`);
}

function checkCapabilities(connector: Connector, context: ConnectionContext): undefined {
  const can: Capabilities = connector.capabilities(context);
  expectEqual(connector.capabilities(context), can, "capabilities differ from call to call");
  expectThat(
    Number.isInteger(can.text.maxLength) && can.text.maxLength > 0,
    "capabilities.text.maxLength must be a whole number above 0",
  );
  const needs: readonly (readonly [string, boolean, boolean, string])[] = [
    ["edit", can.edit !== undefined, isEditing(connector), "edit"],
    ["delete", can.delete !== undefined, isDeleting(connector), "delete"],
    ["reactions", can.reactions !== undefined, isReacting(connector), "react"],
    ["typing", can.typing === true, isTyping(connector), "typing"],
    ["markRead", can.markRead === true, isReadMarking(connector), "markRead"],
  ];
  for (const [name, isDeclared, isThere, ability] of needs) {
    expectThat(
      !isDeclared || isThere,
      `capabilities.${name} is declared, and the connector has no ${ability}(); write it or leave the capability out`,
    );
  }
  expectThat(
    !connector.policy.templatesOutside || isShown(can.template),
    "policy.templatesOutside says that templates may be sent, and capabilities.template does not",
  );
  expectThat(
    connector.policy.templatesOutside === undefined || connector.policy.replyWindowMs !== undefined,
    "policy.templatesOutside speaks of a window that policy.replyWindowMs does not declare",
  );
}

function isShown(level: string | undefined): boolean {
  return level === "full" || level === "partial";
}
