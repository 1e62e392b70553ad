import { z } from "zod";
import { dynamodb, nats, ROLES, roles } from "./cluster-sections.ts";
import { connectors } from "./connectors-section.ts";
import { functions } from "./functions-section.ts";
import { originSchema } from "./origin.ts";
import { telemetry } from "./telemetry-section.ts";
import { tokens } from "./tokens-section.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** What people send each other, as far as it can be told what it is. */
const ATTACHMENT_TYPES = [
  ...["image/*", "audio/*", "video/*"],
  ...["text/plain", "text/csv", "text/calendar", "text/vcard"],
  ...["application/pdf", "application/rtf", "application/json", "application/zip"],
  ...["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "application/vnd.oasis.opendocument.text",
  "application/vnd.oasis.opendocument.spreadsheet",
  "application/vnd.oasis.opendocument.presentation",
];

const http = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default("127.0.0.1")
      .describe("Address to listen on. `0.0.0.0` or `::` lets other machines connect."),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(4000)
      .describe("Port to listen on; 0 picks a free one."),
    corsOrigins: z
      .array(originSchema)
      .max(100)
      .default([])
      .describe(
        "Pages of other origins that may call from a browser, such as `https://app.example.org`, `http://localhost:*` for any port, or `*`. `anywire dev` allows localhost.",
      ),
    maxBodyBytes: z
      .int()
      .min(KIB)
      .max(64 * MIB)
      .default(MIB)
      .describe("Largest body of an HTTP request, bytes."),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        "How the outside reaches this server, such as `https://chat.example.org`: what networks are given to call and to fetch attachments from. Default: what it listens on.",
      ),
    trustProxy: z
      .boolean()
      .default(false)
      .describe(
        "Whether to believe X-Forwarded-For and X-Request-Id. Only behind a proxy that sets them.",
      ),
  })
  .prefault({})
  .describe("The listener that serves the API, the sockets and the pages.");

const data = z
  .strictObject({
    directory: z
      .string()
      .min(1)
      .default("./.anywire")
      .describe("Directory of the database and keys, from the working directory."),
  })
  .prefault({})
  .describe("What is kept on disk.");

const log = z
  .strictObject({
    synchronous: z
      .enum(["full", "normal", "off"])
      .default("full")
      .describe(
        "When a commit counts as stored. `full`: flushed to disk, survives a power cut. `normal`: survives a crash of the process, a power cut may lose the last commits. `off`: as normal, and a power cut may damage the database.",
      ),
    groupCommit: z
      .boolean()
      .default(true)
      .describe(
        "Whether entries that wait together are flushed together. `false` flushes each alone: slower, for measuring.",
      ),
  })
  .prefault({})
  .describe("The log: the only source of truth.");

const socket = z
  .strictObject({
    pingIntervalMs: z
      .int()
      .min(1000)
      .max(600_000)
      .default(25_000)
      .describe("How often an open connection is pinged, ms."),
    pongTimeoutMs: z
      .int()
      .min(500)
      .max(600_000)
      .default(8000)
      .describe("How long a client may take to answer a ping, ms."),
    connectTimeoutMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(5000)
      .describe("How long after opening a socket the connect command must have come, ms."),
    maxFrameBytes: z
      .int()
      .min(KIB)
      .max(16 * MIB)
      .default(256 * KIB)
      .describe("Largest frame a client may send, bytes."),
    maxSubscriptions: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe("Subscriptions per connection."),
    maxCommandsPerSecond: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(500)
      .describe("Commands per second and connection, on average."),
    maxCommandBurst: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(2000)
      .describe("Commands a connection may send at once after a rest."),
    maxConnections: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .describe("Open connections per server."),
    maxBufferedBytes: z
      .int()
      .min(4 * KIB)
      .max(64 * MIB)
      .default(64 * KIB)
      .describe(
        "Unsent bytes at which a slow reader counts as behind: from then on it is caught up from the log.",
      ),
    compression: z
      .boolean()
      .default(false)
      .describe(
        "Whether to offer permessage-deflate. Saves traffic, costs memory and processor time.",
      ),
  })
  .prefault({})
  .describe("Real-time connections: WebSocket, HTTP stream and SSE.");

const limits = z
  .strictObject({
    maxMessageBytes: z
      .int()
      .min(1)
      .max(16 * MIB)
      .default(64 * KIB)
      .describe("Largest data of one entry, bytes of JSON."),
    maxDepth: z
      .int()
      .min(1)
      .max(256)
      .default(32)
      .describe("Deepest nesting of arrays and objects in an entry's data."),
    maxParticipants: z
      .int()
      .min(2)
      .max(100_000)
      .default(10_000)
      .describe("The most participants a channel can have."),
  })
  .prefault({})
  .describe("What one entry, and one channel, may hold.");

const presence = z
  .strictObject({
    graceMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(10_000)
      .describe(
        "How long an account is still there when its last device went, ms: one that comes back meanwhile was never away.",
      ),
    maxJoinListeners: z
      .int()
      .min(0)
      .max(100_000)
      .default(100)
      .describe(
        "When more connections of one channel want to hear who joins and leaves, none of them does: that would be as many messages as the square of them.",
      ),
  })
  .prefault({})
  .describe("Who is there.");

const attachments = z
  .strictObject({
    maxBytes: z
      .int()
      .min(1)
      .max(4 * KIB * MIB)
      .default(25 * MIB)
      .describe("Largest attachment, bytes."),
    types: z
      .array(z.string().regex(/^(?:\*\/\*|[a-z0-9!#$&^_.+-]+\/(?:\*|[a-z0-9!#$&^_.+-]+))$/))
      .max(1000)
      .default(ATTACHMENT_TYPES)
      .describe(
        "Media types that are accepted, in lower case; `image/*` for all images, `*/*` for everything. What could run in a page, such as HTML and SVG, is only ever given as a download.",
      ),
  })
  .prefault({})
  .describe("Files that messages refer to.");

const recovery = z
  .strictObject({
    ringSize: z
      .int()
      .min(0)
      .max(100_000)
      .default(256)
      .describe("Newest entries of a channel kept in memory for clients that come back."),
    ringBytes: z
      .int()
      .min(0)
      .max(64 * KIB * MIB)
      .default(64 * MIB)
      .describe("Memory for these entries, all channels together, bytes."),
    pageSize: z
      .int()
      .min(1)
      .max(10_000)
      .default(500)
      .describe("Entries read from the log at a time while a client is caught up."),
    idleTopics: z
      .int()
      .min(0)
      .max(10_000_000)
      .default(10_000)
      .describe("Channels that everybody has left whose newest entries are still kept in memory."),
  })
  .prefault({})
  .describe("How clients that were away get what they missed.");

const logging = z
  .strictObject({
    level: z
      .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
      .default("info")
      .describe("The least important level that is written."),
    format: z
      .enum(["json", "pretty"])
      .default("json")
      .describe("`json`: one object a line. `pretty`: for people; the default of `anywire dev`."),
  })
  .prefault({})
  .describe("The server's own log lines, on standard output.");

const shutdown = z
  .strictObject({
    timeoutMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(10_000)
      .describe("How long a stopping server may take to finish what it has begun, ms."),
    drainMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(0)
      .describe(
        "How long a stopping server takes to send its clients away, evenly, while `/ready` says 503: the other servers of a cluster then get them one by one instead of all at once, ms.",
      ),
  })
  .prefault({})
  .describe("Stopping.");

const engine = z
  .enum(["embedded", "memory", "cluster"])
  .default("embedded")
  .describe(
    "Bundle of drivers. `embedded`: SQLite in the data directory. `cluster`: NATS JetStream and DynamoDB, for several machines. `memory`: nothing is kept, for tests.",
  );

const sections = z.strictObject({
  engine,
  roles,
  http,
  data,
  log,
  nats,
  dynamodb,
  tokens,
  socket,
  limits,
  presence,
  attachments,
  functions,
  connectors,
  recovery,
  logging,
  telemetry,
  shutdown,
});

/** The whole configuration. Its documentation and the names of environment variables are made from it. */
export const configSchema = sections.superRefine(checkTogether);

/** A configuration that has been checked, with every default filled in. */
export type Config = z.output<typeof configSchema>;

/** What `anywire.config.ts` may export: any part of the configuration. */
export type ConfigInput = z.input<typeof configSchema>;

/** Section `http`. */
export type HttpConfig = Config["http"];
/** Section `tokens`. */
export type TokensConfig = Config["tokens"];
/** Section `socket`. */
export type SocketConfig = Config["socket"];
/** Section `attachments`. */
export type AttachmentsConfig = Config["attachments"];
/** Section `limits`. */
export type LimitsConfig = Config["limits"];
/** Section `logging`. */
export type LoggingConfig = Config["logging"];

/** What one field alone can't tell. */
function checkTogether(
  {
    engine,
    roles,
    dynamodb,
    tokens,
    socket,
    limits,
    functions,
    connectors,
    http: { maxBodyBytes },
  }: z.output<typeof sections>,
  context: z.RefinementCtx,
): void {
  const refuse = (path: string, message: string): void =>
    context.addIssue({ code: "custom", path: path.split("."), message });
  if (engine !== "cluster" && !ROLES.every((role) => roles.includes(role))) {
    refuse("roles", "can't be divided: engine is not cluster, so this process does everything");
  }
  if ((dynamodb.accessKeyId === undefined) !== (dynamodb.secretAccessKey === undefined)) {
    refuse("dynamodb.accessKeyId", "and dynamodb.secretAccessKey are set together or not at all");
  }
  const acceptsSecret = tokens.algorithms.includes("HS256");
  if (acceptsSecret && tokens.secret === undefined) {
    refuse("tokens.secret", "is needed, because tokens.algorithms has HS256");
  }
  if (tokens.secret !== undefined && !acceptsSecret) {
    refuse("tokens.algorithms", "must have HS256, because tokens.secret is set");
  }
  if (Buffer.byteLength(tokens.secret?.reveal() ?? " ".repeat(32)) < 32) {
    refuse("tokens.secret", "must be at least 32 bytes long, as long as the signature");
  }
  if (Buffer.byteLength(connectors.encryptionKey?.reveal() ?? " ".repeat(32)) < 32) {
    refuse("connectors.encryptionKey", "must be at least 32 bytes long");
  }
  if (socket.pongTimeoutMs >= socket.pingIntervalMs) {
    refuse("socket.pongTimeoutMs", "must be less than socket.pingIntervalMs");
  }
  if (limits.maxMessageBytes > socket.maxFrameBytes) {
    refuse("limits.maxMessageBytes", "must not be more than socket.maxFrameBytes");
  }
  if (functions.minWorkers > functions.maxWorkers) {
    refuse("functions.minWorkers", "must not be more than functions.maxWorkers");
  }
  if (limits.maxMessageBytes > maxBodyBytes) {
    refuse("limits.maxMessageBytes", "must not be more than http.maxBodyBytes");
  }
}
