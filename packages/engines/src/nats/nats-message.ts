import type { Msg } from "@nats-io/transport-node";

interface SizedMsg extends Msg {
  /** Bytes of subject, reply subject, header and data. */
  size(): number;
}

/**
 * The header of a message as it came, lines and all; empty without one. The client library would decode it into a checked
 * map, which costs more than all else about an entry, and needs only a few of its fields.
 */
export function headerText(message: Msg): string {
  const { data, subject, reply = "" } = message;
  // Header and data lie behind each other in what came from the server; the size of both is left out of the type.
  const length = (message as SizedMsg).size() - subject.length - reply.length - data.length;
  return textOf(new Uint8Array(data.buffer, data.byteOffset - length, length));
}

/** Bytes as text. */
export function textOf(bytes: Uint8Array): string {
  // Twice as fast as a TextDecoder for short texts.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** A field of a header: `name` as in `Nats-Sequence`; empty when it is not there. */
export function headerField(header: string, name: string): string {
  const start = header.indexOf(`\r\n${name}: `);
  if (start < 0) return "";
  const from = start + name.length + 4;
  return header.slice(from, header.indexOf("\r\n", from));
}

/** Status of an answer without content, such as 204, 404 or 503; 0 for a message. */
export function statusOf(header: string): number {
  // `NATS/1.0 404 Message Not Found`
  return header.charAt(8) === " " ? Number(header.slice(9, 12)) : 0;
}
