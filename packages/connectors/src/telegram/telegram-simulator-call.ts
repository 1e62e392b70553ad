import { type FormPart, parseMultipart } from "../simulator/multipart.ts";
import type { NetworkRequest } from "../simulator/network-server.ts";

/** The parameters of a call, in whichever of its forms they came. */
export interface TelegramCall {
  readonly params: Readonly<Record<string, unknown>>;
  /** Files by the names under which the parameters mention them. */
  readonly files: ReadonlyMap<string, FormPart>;
}

/** Reads a call as the Bot API does: JSON, a form with files, or the query. @see https://core.telegram.org/bots/api#making-requests */
export function telegramCall({ headers, body, query }: NetworkRequest): TelegramCall {
  const contentType = headers["content-type"] ?? "";
  if (contentType.startsWith("application/json")) {
    return { params: JSON.parse(body.toString("utf8")), files: new Map() };
  }
  if (!contentType.startsWith("multipart/form-data")) {
    return { params: Object.fromEntries(query), files: new Map() };
  }
  const parts = parseMultipart(contentType, body);
  const params: Record<string, unknown> = {};
  const files = new Map<string, FormPart>();
  for (const part of parts) {
    if (part.fileName !== undefined) files.set(part.name, part);
    else params[part.name] = fieldOf(part.bytes.toString("utf8"));
  }
  // A file may also stand where its parameter would.
  for (const name of files.keys()) params[name] ??= `attach://${name}`;
  return { params, files };
}

/** In a form, objects are JSON. */
function fieldOf(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}
