import { isIP } from "node:net";
import { z } from "zod";
import { secretSchema } from "./secret.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Section `functions`. */
export const functions = z
  .strictObject({
    source: z
      .enum(["deployments", "directory"])
      .default("deployments")
      .describe(
        "Where functions come from. `deployments`: revisions that `anywire functions deploy` put up, the same on every server. `directory`: the files of `functions.directory`, live as soon as they are saved; the default of `anywire dev`.",
      ),
    directory: z
      .string()
      .min(1)
      .default("./functions")
      .describe("Directory of the functions' files, from the working directory."),
    platform: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -")
      .default("production")
      .describe("The platform of HTTP functions and schedules that name none."),
    minWorkers: z
      .int()
      .min(1)
      .max(64)
      .default(2)
      .describe(
        "Worker threads that are there as long as functions are. With one alone, a function that is stuck holds up the others until a second one has started.",
      ),
    maxWorkers: z
      .int()
      .min(1)
      .max(256)
      .default(4)
      .describe("Worker threads at most, when all are busy."),
    memoryMb: z
      .int()
      .min(16)
      .max(16 * KIB)
      .default(128)
      .describe("Heap of each worker thread, MB: a function that wants more ends its worker."),
    maxQueue: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe("Runs that may wait for a worker; beyond that they fail."),
    maxConcurrentRuns: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe("Runs that are at work in one worker at a time."),
    beforeDeadlineMs: z
      .int()
      .min(1)
      .max(300_000)
      .default(1000)
      .describe("How long a function may hold up a message or a signal, unless it says so, ms."),
    afterDeadlineMs: z
      .int()
      .min(1)
      .max(300_000)
      .default(30_000)
      .describe("How long one attempt of a function may take that runs after something, ms."),
    requestDeadlineMs: z
      .int()
      .min(1)
      .max(300_000)
      .default(10_000)
      .describe("How long an HTTP function may take, ms."),
    scheduleDeadlineMs: z
      .int()
      .min(1)
      .max(300_000)
      .default(60_000)
      .describe("How long a function may take that runs at times, ms."),
    maxHops: z
      .int()
      .min(1)
      .max(64)
      .default(16)
      .describe(
        "Functions that may follow from one message, one after the other: what would go on beyond that is a loop, and ends with an error that names it.",
      ),
    maxKeys: z
      .int()
      .min(1)
      .max(100_000_000)
      .default(100_000)
      .describe("Keys that the functions of one platform may keep."),
    maxCalls: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1000)
      .describe("How often one run may publish, read a key and the like."),
    maxLogLines: z
      .int()
      .min(0)
      .max(100_000)
      .default(100)
      .describe("Lines that one run may log; what is beyond is counted."),
    maxLogLinesPerMinute: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1000)
      .describe("Lines that the runs of one function may log in a minute, on each server."),
    allowedAddresses: z
      .array(z.string().refine(isAddressRange, "must be an IP address or a range of them"))
      .max(1000)
      .default([])
      .describe(
        "Private addresses that `fetch` may reach, such as `127.0.0.1` or `10.0.0.0/8`; by default none.",
      ),
    maxResponseBytes: z
      .int()
      .min(KIB)
      .max(64 * MIB)
      .default(4 * MIB)
      .describe("Largest answer of an HTTP function, bytes."),
    secrets: z
      .record(
        z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -"),
        secretSchema,
      )
      .default({})
      .describe("What functions get by name from `secrets`, such as keys of other services."),
  })
  .prefault({})
  .describe("Functions: TypeScript that runs when something happens on a channel.");

/** Section `functions`. */
export type FunctionsConfig = z.output<typeof functions>;

/** `10.0.0.0/8`, `::1` and the like. */
function isAddressRange(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
}
