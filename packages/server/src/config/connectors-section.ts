import { z } from "zod";
import { secretSchema } from "./secret.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Section `connectors`. */
export const connectors = z
  .strictObject({
    modules: z
      .array(z.string().min(1))
      .max(100)
      .default([])
      .describe(
        "Connectors beside the built-in ones, paths from the working directory: a `.ts` or `.js` file that exports one, or a `.json` file that declares a simple HTTP network.",
      ),
    encryptionKey: secretSchema
      .optional()
      .describe(
        "What secrets of connections are encrypted with: any text of at least 32 bytes, the same on every server, kept as long as they are. Default: a file `connections.key` in the data directory, except with engine `cluster`, which needs it.",
      ),
    sendTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(30_000)
      .describe(
        "How long a network may take to answer a send, ms. After that its outcome is unknown.",
      ),
    mediaTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(30_000)
      .describe(
        "How long a network may take to hand over what a message brought, such as a picture, ms. After that the message comes without it, and says so.",
      ),
    maxAttempts: z
      .int()
      .min(1)
      .max(100)
      .default(8)
      .describe("Attempts at a delivery that surely did not go out before it fails."),
    lifetimeMs: z
      .int()
      .min(1000)
      .max(2_592_000_000)
      .default(86_400_000)
      .describe("How long a message waits for its turn or for its network before it fails, ms."),
    maxConcurrentSends: z
      .int()
      .min(1)
      .max(1000)
      .default(32)
      .describe("Sends at a time through one connection; of one channel it is always one."),
    maxWebhookBytes: z
      .int()
      .min(KIB)
      .max(64 * MIB)
      .default(25 * MIB)
      .describe("Largest body of a webhook, and largest mail that comes in, bytes."),
  })
  .prefault({})
  .describe("The ways out: what speaks to networks.");
