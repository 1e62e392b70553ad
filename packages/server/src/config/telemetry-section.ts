import { z } from "zod";
import { secretSchema } from "./secret.ts";

/** Section `telemetry`. */
export const telemetry = z
  .strictObject({
    otlpUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        "Where to send traces over OTLP/HTTP, such as `http://localhost:4318/v1/traces`. Needs OpenTelemetry's packages; the error of a start without them says which.",
      ),
    headers: z
      .record(
        z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/, "must be a header's name"),
        secretSchema,
      )
      .default({})
      .describe("Headers to send along, such as the key of a service that takes traces."),
    serviceName: z
      .string()
      .min(1)
      .max(256)
      .default("anywire")
      .describe("What this server is called there."),
  })
  .prefault({})
  .describe("Traces of messages through functions, for OpenTelemetry. Metrics are at `/metrics`.");

/** Section `telemetry`. */
export type TelemetryConfig = z.output<typeof telemetry>;
