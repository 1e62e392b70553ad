import { styleText } from "node:util";
import { type AnywireError, ERRORS } from "@anywire/types";
import { type DestinationStream, type Logger, pino } from "pino";
import { z } from "zod";
import type { LoggingConfig } from "./config/config.ts";
import { escapeControls } from "./escape-controls.ts";

/** Writes structured log lines: `logger.info({ channel }, "sentence")`. */
export type { Logger };

/** Fields that never reach a line, at the top or one level down. */
const SECRET_FIELDS = [
  "token",
  "refreshToken",
  "apiKey",
  "secret",
  "password",
  "authorization",
  "cookie",
].flatMap((field) => [field, `*.${field}`]);

/** Anything of a JSON Web Token's form, wherever it stands: in an address, a message, an error. */
const TOKEN_TEXT = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/**
 * Makes the server's logger. Lines go to `destination`, by default standard output, one write each, so
 * that none is lost when the process dies. Secrets and tokens are replaced by `***`; control characters
 * are escaped, so that nothing from outside can forge a line.
 */
export function createLogger(
  { level, format }: LoggingConfig,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  const isPretty = format === "pretty";
  return pino(
    {
      level,
      base: isPretty ? null : { pid: process.pid },
      redact: { paths: SECRET_FIELDS, censor: "***" },
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: cleanLine },
    },
    isPretty ? prettyStream(destination) : destination,
  );
}

/**
 * Warns of what is wrong with a connection in one line: what strangers send, and networks that are away, is no defect. The stack
 * is there only where it is one.
 */
export function logProblem(logger: Logger, error: AnywireError): void {
  const { code, details } = error;
  if (code === "internal") logger.warn({ ...details, err: error }, "a connection has a problem");
  else logger.warn({ ...details, code }, sentenceOf(error));
}

/** With the reason beneath, where something of the server's own or of the world's failed. */
function sentenceOf({ code, message, cause }: AnywireError): string {
  const isReason = ERRORS[code].http >= 500 && cause instanceof Error && cause.name !== "ZodError";
  const [reason = ""] = isReason ? cause.message.split("\n", 1) : [];
  return message.includes(reason) ? message : `${message}: ${reason.slice(0, 300)}`;
}

/** JSON escapes only C0 by itself. */
function cleanLine(line: string): string {
  return `${escapeControls(line.trimEnd()).replace(TOKEN_TEXT, "***")}\n`;
}

const COLORS = {
  fatal: "redBright",
  error: "red",
  warn: "yellow",
  info: "green",
  debug: "cyan",
  trace: "gray",
} as const;

const lineSchema = z.looseObject({
  level: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).catch("info"),
  time: z.number().catch(0),
  msg: z.string().catch(""),
  err: z.looseObject({ stack: z.string().optional() }).optional().catch(undefined),
});

function prettyStream(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(formatPretty(line)) };
}

/** `12:30:01.250 info  sentence  channel=production.group.lobby` and, for an error, its stack below. */
function formatPretty(json: string): string {
  const { level, time, msg, err, ...fields } = lineSchema.parse(JSON.parse(json));
  const clock = styleText("dim", new Date(time).toISOString().slice(11, 23));
  const label = styleText(COLORS[level], level.padEnd(5));
  const rest = Object.entries(fields).map(([name, value]) =>
    styleText("dim", `${escapeControls(name)}=${escapeControls(asText(value))}`),
  );
  const head = [`${clock} ${label} ${escapeControls(msg)}`, ...rest].join("  ");
  const stack = err?.stack?.split("\n").map((row) => `\n    ${escapeControls(row)}`) ?? [];
  return `${head}${stack.join("")}\n`;
}

function asText(value: unknown): string {
  return typeof value === "string" && !/[\s=]/.test(value) ? value : JSON.stringify(value);
}
