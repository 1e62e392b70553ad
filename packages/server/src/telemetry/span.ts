import { createHash } from "node:crypto";

/** A piece of work with a beginning and an end, as traces are made of. Ids are hexadecimal, as W3C Trace Context has them. */
export interface Span {
  readonly name: string;
  readonly kind: "server" | "consumer" | "internal";
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
  /** The span that it is a part of; absent at the root of a trace. */
  readonly parentId?: string;
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Why it failed. */
  readonly error?: string;
}

/** Takes spans. */
export interface SpanSink {
  add(span: Span): void;
  /** Sends what is left, as far as somebody takes it; never rejects. A second call waits for the first. */
  close(): Promise<void>;
}

/**
 * The trace of everything that began with an entry: its id where that is a UUID, and for any other the beginning of its SHA-256.
 * So each node knows it.
 * @see https://www.w3.org/TR/trace-context/#trace-id
 */
export function traceIdOf(entryId: string): string {
  const isUuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(entryId);
  const hex = isUuid ? entryId.replaceAll("-", "") : digest(entryId).slice(0, 32);
  // The one id that means none.
  return /^0+$/.test(hex) ? digest(entryId).slice(0, 32) : hex;
}

/** The first span of such a trace: what follows on other nodes can name it without having seen it. */
export function rootSpanIdOf(entryId: string): string {
  return spanIdOf(`root ${entryId}`);
}

/** The id of a span that is known by a text. */
export function spanIdOf(text: string): string {
  return digest(text).slice(0, 16);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
