import { isSegment } from "@anywire/types";
import { z } from "zod";

const text = (what: string) => z.string(what).min(1, what);
const isFunction = (value: unknown): boolean => typeof value === "function";
const call = (what: string) => z.custom<unknown>(isFunction, what);
const amount = (what: string) => z.number(what).positive(what);

const secretSchema = z.looseObject(
  {
    name: text("a text, such as `authToken`"),
    description: text("where a person finds it"),
    isRequired: z.boolean("true or false"),
  },
  "an object with name, description and isRequired",
);

const channelTypeSchema = z.looseObject(
  {
    name: z.custom<string>(
      (name) => typeof name === "string" && isSegment(name),
      "1 to 64 letters, digits, _ or -",
    ),
    identity: z.enum(
      ["participants", "unique", "account", "contact", "server"],
      "one of participants, unique, account, contact, server",
    ),
    network: text("the connector's network"),
    description: text("a sentence for people"),
  },
  "an object with name, identity, network and description",
);

const limitSchema = z.looseObject(
  {
    scope: z.enum(
      ["connection", "sender", "recipient", "portfolio"],
      "one of connection, sender, recipient, portfolio",
    ),
    rate: amount("a number above 0"),
    perMs: amount("a number above 0, ms"),
    burst: amount("a number above 0").optional(),
    unit: z.enum(["message", "segment"], "one of message, segment"),
  },
  "an object with scope, rate, perMs and unit",
);

/** The members of `Connector`, each with what it must be. */
const connectorSchema = z.looseObject(
  {
    id: text("a text, such as `twilio-sms`"),
    version: text("a semantic version, such as `1.0.0`"),
    displayName: text("its name for people, such as `Twilio SMS`"),
    network: text("the way out that it is, such as `sms`"),
    channelType: channelTypeSchema,
    configSchema: z.custom<unknown>(
      isSettingsSchema,
      "a schema of zod 4 for the settings, z.strictObject({}) where there are none",
    ),
    secrets: z.array(secretSchema, "a list, empty where there are none"),
    freeSettings: z.array(z.string("a text"), "a list of names of settings").optional(),
    addressKinds: z
      .array(text("a text"), 'a list of kinds of addresses, such as ["phone"]')
      .min(1, 'a list with a kind of addresses, such as ["phone"]'),
    alsoReaches: z.record(z.string(), z.string("a text"), "an object of texts").optional(),
    reaches: call("a function").optional(),
    policy: z.looseObject(
      {
        bulkAllowed: z.boolean("true or false"),
        notes: text("what the network demands, in words"),
      },
      "an object with bulkAllowed and notes",
    ),
    limits: z.array(limitSchema, "a list, empty where there are none"),
    capabilities: call("a function that gives what a connection can do"),
    verify: call("a function that tells whether a request is the network's"),
    parse: call("a function that gives the events of a request"),
    send: call("a function that hands over a message"),
    answer: z
      .looseObject({ status: z.int("a status of HTTP") }, "an object with status")
      .optional(),
    simulator: call("a function").optional(),
    fixtures: call("a function").optional(),
  },
  "an object",
);

/** Functions of `abilities.ts`: that one is there declares the ability. */
const ABILITIES = [
  ...["handshake", "reconcile", "edit", "delete", "react", "typing", "markRead", "fetchMedia"],
  ...["estimate", "health", "install", "uninstall", "listen"],
];

/**
 * What something lacks to be a connector: a sentence for each member that is missing or is not what it must be. None for a whole one.
 * Whether what it has is also right, only the conformance suite can tell.
 */
export function connectorProblems(value: unknown): readonly string[] {
  const { error } = connectorSchema.safeParse(value);
  const members = (error?.issues ?? []).map(({ path, message }) => {
    if (path.length === 0) return `it must be ${message}`;
    const isMissing = valueAt(value, path) === undefined;
    return `${path.join(".")} ${isMissing ? "is missing:" : "must be"} ${message}`;
  });
  return [...members, ...abilityProblems(value)];
}

function abilityProblems(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const there = ABILITIES.filter((name) => name in value);
  const problems = there
    .filter((name) => !isFunction(valueAt(value, [name])))
    .map((name) => `${name} must be a function; leave it out where the network can't do that`);
  const [one, ...more] = there.filter((name) => name === "install" || name === "uninstall");
  if (one === undefined || more.length > 0) return problems;
  const other = one === "install" ? "uninstall" : "install";
  return [...problems, `${other} is missing: ${one} needs it beside it`];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Readonly<Record<PropertyKey, unknown>>)[key],
    value,
  );
}

/** Whether settings can be checked by it, and told to whoever makes a connection. */
function isSettingsSchema(value: unknown): boolean {
  try {
    const schema = value as z.ZodType;
    z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    return isFunction(schema.safeParse);
  } catch {
    return false;
  }
}
