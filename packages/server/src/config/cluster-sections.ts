import { z } from "zod";
import { secretSchema } from "./secret.ts";

/** What a process may be there for. */
export const ROLES = ["edge", "projector", "functions", "outbound"] as const;

/** Section `roles`. */
export const roles = z
  .array(z.enum(ROLES))
  .min(1)
  .default([...ROLES])
  .describe(
    "What this process is there for, with engine `cluster`. `edge`: connections and the API. `projector`: keeps the state in step with the log; of several one works and the others stand by. `functions`: runs functions after something and at times; those that run before something, or answer a request, run on every edge. `outbound`: sends to networks and handles what they sent; of several one works and the others stand by.",
  );

/** Section `nats`. */
export const nats = z
  .strictObject({
    servers: z
      .array(
        z
          .string()
          .regex(/^(?:(?:nats|tls|ws|wss):\/\/)?[^\s/]+$/, "must look like nats://host:4222"),
      )
      .min(1)
      .default(["nats://127.0.0.1:4222"])
      .describe(
        "Servers of the NATS cluster, such as `nats://10.0.0.1:4222`; one that answers is enough.",
      ),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,32}$/, "must be 1 to 32 letters, digits, _ or -")
      .default("anywire")
      .describe(
        "Begins the name of every stream, bucket and subject: deployments that share servers differ by it.",
      ),
    replicas: z
      .int()
      .min(1)
      .max(5)
      .optional()
      .describe(
        "Servers that keep the log and what goes with it; most of them hold an entry before it counts as stored. `3` outlives the loss of one server. Whoever starts with another number than the log has changes it, up or down; not set, it stays as it is, `1` for a new log.",
      ),
    user: z.string().min(1).optional().describe("User to sign in to NATS as."),
    password: secretSchema.optional().describe("Password of that user."),
    token: secretSchema.optional().describe("Token to sign in to NATS with."),
    credentials: secretSchema
      .optional()
      .describe(
        "Credentials to sign in to NATS with: the text of a `.creds` file, best as `{ file }`.",
      ),
  })
  .prefault({})
  .describe(
    "NATS with JetStream, of engine `cluster`: the log, who is there, what functions remember.",
  );

/** Section `dynamodb`. */
export const dynamodb = z
  .strictObject({
    table: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{3,255}$/, "must be 3 to 255 letters, digits, _, . or -")
      .default("anywire")
      .describe(
        "The table that holds the state. Made when it is not there and `dynamodb.createTable` allows it.",
      ),
    createTable: z
      .boolean()
      .default(true)
      .describe("Whether to make the table when it is not there."),
    region: z.string().min(1).optional().describe("AWS region; default: as the AWS SDK finds it."),
    endpoint: z
      .url()
      .optional()
      .describe("Address of a server that speaks the DynamoDB API, in place of AWS."),
    accessKeyId: z
      .string()
      .min(1)
      .optional()
      .describe("Access key; default: as the AWS SDK finds it, such as the role of the machine."),
    secretAccessKey: secretSchema.optional().describe("Secret of that access key."),
  })
  .prefault({})
  .describe("DynamoDB, of engine `cluster`: the state that follows from the log.");

/** Section `nats`. */
export type NatsConfig = z.output<typeof nats>;
/** Section `dynamodb`. */
export type DynamodbConfig = z.output<typeof dynamodb>;
