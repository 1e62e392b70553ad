import { DELIVERY_ERRORS } from "@anywire/types";
import { z } from "zod";
import { placeholdersIn, placeholdersOf, type Tree } from "./template.ts";

const name = z.string().regex(/^[A-Za-z]\w{0,63}$/, "must be letters, digits and _");
const description = z.string().min(1).max(500);
const pointer = z
  .string()
  .regex(/^(\/([^~/]|~[01])*)*$/, "must be a JSON Pointer, such as /message/id")
  .describe("A JSON Pointer (RFC 6901).");
const header = z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a header's name in small letters");
const status = z.int().min(100).max(599);
const tree: z.ZodType<Tree> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(tree),
    z.record(z.string(), tree),
  ]),
);

const timeSchema = z.strictObject({
  pointer,
  unit: z.enum(["s", "ms", "iso"]).default("ms"),
});

const when = z
  .record(
    pointer,
    z.union([z.string(), z.number(), z.boolean(), z.strictObject({ exists: z.boolean() })]),
  )
  .describe(
    "What an event of this kind has where: all of it must be so. A value; or whether anything but null is there, such as `{exists: true}`.",
  );

const settingSchema = z.strictObject({
  description,
  default: z.string().optional(),
  pattern: z.string().optional().describe("A regular expression that all of it must match."),
  example: z.string().optional().describe("What the simulator's connection has."),
});

const secretSchema = z.strictObject({ description, isRequired: z.boolean().default(true) });

const errorSchema = z.strictObject({
  status: status.optional().describe("Default: any but those of `accepted`."),
  at: pointer.optional().describe("Where the answer says what it is …"),
  equals: z.union([z.string(), z.number()]).optional().describe("… and what it says there."),
  class: z.enum(DELIVERY_ERRORS),
  reason: z.string().min(1).max(400).optional().describe("For a person: what to do."),
  suppressAddress: z.boolean().optional().describe("Nothing more shall go to this address."),
});

const sendSchema = z.strictObject({
  method: z.enum(["POST", "PUT", "PATCH"]).default("POST"),
  url: z
    .string()
    .regex(/^\{\{settings\.\w+\}\}/, "must begin with a setting, such as {{settings.url}}/messages")
    .describe("What stands in all other placeholders is percent-encoded."),
  headers: z.record(header, z.string()).default({}),
  basic: z
    .strictObject({ user: z.string(), password: z.string() })
    .optional()
    .describe("HTTP Basic authentication (RFC 7617)."),
  body: z.union([
    z.strictObject({ json: tree }),
    z.strictObject({ form: z.record(z.string(), z.string()) }),
  ]),
  accepted: z.array(status).min(1).default([200, 201, 202]),
  externalId: pointer.describe("Where the answer says what the network calls the message."),
  isKeyHonoured: z
    .boolean()
    .default(false)
    .describe("Whether the network sends once what comes twice with one `{{deliveryId}}`."),
  errorCode: pointer.optional().describe("Where the answer has the network's own code."),
  errors: z.array(errorSchema).max(100).default([]),
  retryAfter: z
    .strictObject({ header, unit: z.enum(["s", "ms"]).default("s") })
    .prefault({ header: "retry-after" }),
});

const hmacSchema = z.strictObject({
  kind: z.literal("hmac"),
  algorithm: z.enum(["sha1", "sha256", "sha512"]).default("sha256"),
  encoding: z.enum(["hex", "base64"]).default("hex"),
  header,
  prefix: z.string().default("").describe("What stands before it, such as `sha256=`."),
  secret: name,
  signed: z.string().default("{{body}}").describe("Of `{{body}}`, `{{url}}`, `{{header.x}}`."),
  timestamp: z
    .strictObject({
      header,
      unit: z.enum(["s", "ms"]).default("s"),
      maxAgeMs: z.int().min(1000).max(3_600_000).default(300_000),
    })
    .optional(),
});

const signatureSchema = z.discriminatedUnion("kind", [
  hmacSchema,
  z.strictObject({ kind: z.literal("token"), header, secret: name }),
  z.strictObject({ kind: z.literal("basic"), user: z.string().min(1), secret: name }),
]);

const receiptSchema = z.strictObject({
  when,
  externalId: pointer.optional(),
  deliveryId: pointer.optional(),
  status: pointer,
  statuses: z.record(z.string(), z.enum(["sent", "delivered", "read", "failed"])),
  at: timeSchema.optional(),
  code: pointer.optional().describe("Where a failure has the network's own code."),
});

const webhookSchema = z.strictObject({
  signature: signatureSchema,
  body: z.enum(["json", "form"]).default("json"),
  events: pointer.default("").describe("Where the events are: one, or a list of them."),
  message: z.strictObject({
    when,
    externalId: pointer,
    from: pointer,
    name: pointer.optional(),
    text: pointer,
    replyTo: pointer.optional(),
    at: timeSchema.optional().describe("Default: when it came in."),
  }),
  receipt: receiptSchema.optional(),
});

const policySchema = z.strictObject({
  replyWindowMs: z.int().min(1).exactOptional(),
  consentRequired: z.boolean().exactOptional(),
  humanActionRequired: z.boolean().exactOptional(),
  bulkAllowed: z.boolean().default(false),
  keywords: z
    .strictObject({
      out: z.array(z.string()),
      in: z.array(z.string()),
      help: z.array(z.string()),
    })
    .exactOptional(),
  notes: z.string().min(1),
});

const limitSchema = z.strictObject({
  scope: z.enum(["connection", "sender", "recipient", "portfolio"]).default("connection"),
  rate: z.number().positive(),
  perMs: z.int().min(1).default(1000),
  burst: z.int().min(1).default(1),
});

const definitionSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, "must be small letters, digits and -"),
  version: z.string().default("1.0.0"),
  displayName: z.string().min(1).max(64),
  network: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/)
    .optional()
    .describe("Default: the id."),
  address: z.strictObject({
    kind: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
    pattern: z.string().default("\\S{1,256}").describe("A regular expression of the whole value."),
    example: z.string().min(1),
  }),
  settings: z.record(name, settingSchema),
  secrets: z.record(name, secretSchema),
  freeSettings: z
    .array(name)
    .default([])
    .describe("Settings that lead no secret anywhere, and may change while the secrets stay."),
  maxLength: z.int().min(1).max(1_000_000).describe("Of a text, in UTF-16 code units."),
  canStart: z.boolean().default(true),
  policy: policySchema,
  limits: z.array(limitSchema).max(16).default([]),
  send: sendSchema,
  webhook: webhookSchema,
});

/** A simple HTTP network, described. It can stand in a JSON file. */
export const httpDefinitionSchema = definitionSchema.superRefine((definition, context) => {
  for (const [path, message] of problemsOf(definition)) {
    context.addIssue({ code: "custom", path: path.split("."), message });
  }
});

/** A simple HTTP network, as somebody writes it down. */
export type HttpDefinitionInput = z.input<typeof httpDefinitionSchema>;

/** A simple HTTP network, with every default filled in. */
export type HttpDefinition = z.output<typeof httpDefinitionSchema>;

const JOB_VALUES = ["to", "text", "deliveryId", "replyTo", "senderName", "title"];

type Checked = z.output<typeof definitionSchema>;
type Problems = Generator<readonly [path: string, message: string]>;

function* problemsOf(definition: Checked): Problems {
  yield* sendProblems(definition);
  yield* signatureProblems(definition);
  yield* freeProblems(definition);
  const { receipt } = definition.webhook;
  if (receipt && receipt.externalId === undefined && receipt.deliveryId === undefined) {
    yield ["webhook.receipt", "needs externalId or deliveryId"];
  }
  yield* patternProblems(definition);
}

function* sendProblems(definition: Checked): Problems {
  const { send } = definition;
  const used = [
    ...placeholdersOf(send.url),
    ...Object.values(send.headers).flatMap(placeholdersOf),
    ...placeholdersOf(`${send.basic?.user} ${send.basic?.password}`),
    ...placeholdersIn("json" in send.body ? send.body.json : send.body.form),
  ];
  for (const name of used.filter((one) => !isKnown(one, definition))) {
    yield ["send", `{{${name}}} is none of ${JOB_VALUES.join(", ")}, settings.*, secrets.*`];
  }
  for (const name of ["to", "text"].filter((one) => !used.includes(one))) {
    yield ["send", `{{${name}}} is nowhere in url, headers or body`];
  }
  if (send.isKeyHonoured && !used.includes("deliveryId")) {
    yield ["send.isKeyHonoured", "needs {{deliveryId}} somewhere, which is the key"];
  }
}

function* freeProblems({ freeSettings, settings, send }: Checked): Problems {
  for (const name of freeSettings) {
    if (!Object.hasOwn(settings, name)) yield ["freeSettings", `there is no setting ${name}`];
    if (placeholdersOf(send.url).includes(`settings.${name}`)) {
      yield ["freeSettings", `${name} stands in send.url, so it decides where secrets go`];
    }
  }
}

function* patternProblems({ address, settings }: Checked): Problems {
  for (const [key, { pattern = "" }] of Object.entries(settings)) {
    if (!isPattern(pattern)) yield [`settings.${key}.pattern`, "is no regular expression"];
  }
  if (!isPattern(address.pattern)) yield ["address.pattern", "is no regular expression"];
  else if (!wholeOf(address.pattern).test(address.example)) {
    yield ["address.example", "does not match address.pattern"];
  }
}

function* signatureProblems({ webhook: { signature }, secrets }: Checked): Problems {
  if (!Object.hasOwn(secrets, signature.secret)) {
    yield ["webhook.signature.secret", `there is no secret ${signature.secret}; declare it`];
  }
  if (signature.kind !== "hmac") return;
  const signed = placeholdersOf(signature.signed);
  for (const name of signed) {
    if (name !== "body" && name !== "url" && !/^header\.[a-z0-9-]+$/.test(name)) {
      yield ["webhook.signature.signed", `{{${name}}} is none of body, url, header.*`];
    }
  }
  if (!signed.includes("body")) {
    yield ["webhook.signature.signed", "must have {{body}}, or anybody could change what is said"];
  }
  const { timestamp } = signature;
  if (timestamp !== undefined && !signed.includes(`header.${timestamp.header}`)) {
    yield [
      "webhook.signature.signed",
      `must have {{header.${timestamp.header}}}, or anybody could make an old request new`,
    ];
  }
}

function isKnown(name: string, { settings, secrets }: Checked): boolean {
  const [kind, key = ""] = name.split(".", 2);
  if (kind === "settings") return Object.hasOwn(settings, key);
  if (kind === "secrets") return Object.hasOwn(secrets, key);
  return JOB_VALUES.includes(name);
}

/** A regular expression that all of a text must match. @throws {SyntaxError} */
export function wholeOf(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "u");
}

function isPattern(source: string): boolean {
  try {
    wholeOf(source);
    return true;
  } catch {
    return false;
  }
}
