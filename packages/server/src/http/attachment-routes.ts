import type { BlobInfo, BlobKey, BlobStore, ByteRange } from "@anywire/core";
import { AnywireError, attachmentIdSchema } from "@anywire/types";
import type { Context } from "hono";
import { parseRange } from "../attachments/byte-range.ts";
import { isShownInPlace, isText } from "../attachments/media-type.ts";
import type { ApiOperation, ApiRoute } from "./api-operation.ts";
import { ATTACHMENT } from "./attachment-example.ts";
import { attachmentKey, noAttachment, thumbnailKey } from "./attachment-key.ts";
import { hasEtag } from "./cached-file.ts";

/** What reading attachments needs. */
export interface AttachmentRoutesOptions {
  readonly blobs: Pick<BlobStore, "head" | "get">;
}

/** Whatever it is, it runs nothing, loads nothing but itself and belongs to no origin. */
const POLICY =
  "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

/** It never changes, and a proxy that others share must not keep what only its readers know of. */
const CACHE = "private, max-age=31536000, immutable";

const errors = ["not_found", "unavailable", "storage_damaged"] as const;
const parameters = { id: { schema: attachmentIdSchema, example: ATTACHMENT.id } };
const bytes = { mediaType: "*/*", example: "(the bytes of the file)" };

const attachment: ApiOperation = {
  method: "GET",
  path: "/v1/attachments/{id}",
  id: "getAttachment",
  tag: "Attachments",
  summary: "Read an attachment",
  description:
    "The file, or with `Range` a part of it. Needs no token, so that `<img src>` works: the id cannot be guessed, and whoever has it may read. Images, sound, video and plain text are shown where they are linked, everything else is a download, and nothing of it runs. It never changes; `ETag`, `If-None-Match` and `If-Range` are understood.",
  needsToken: false,
  parameters,
  answers: {
    200: { description: "All of it.", ...bytes },
    206: { description: "The part that `Range` asks for.", ...bytes },
  },
  errors: [...errors, "range_not_satisfiable"],
};

const thumbnail: ApiOperation = {
  method: "GET",
  path: "/v1/attachments/{id}/thumbnail",
  id: "getThumbnail",
  tag: "Attachments",
  summary: "Read an image's thumbnail",
  description:
    "A JPEG, or a PNG where the image has transparent parts, at most 320 pixels wide and high. Needs no token, as the image itself. There is one where the upload answered with a `thumbnailUrl`.",
  needsToken: false,
  parameters,
  answers: { 200: { description: "The thumbnail.", ...bytes } },
  errors: [...errors],
};

/** `GET /v1/attachments/{id}` and `GET /v1/attachments/{id}/thumbnail`: give the bytes to whoever has the id. */
export function createAttachmentRoutes({ blobs }: AttachmentRoutesOptions): ApiRoute[] {
  return [
    { operation: attachment, handle: (context) => answer(context, blobs, keyOf(context), true) },
    {
      operation: thumbnail,
      handle: (context) => answer(context, blobs, thumbnailKey(keyOf(context)), false),
    },
  ];
}

function keyOf(context: Context): BlobKey {
  return attachmentKey(context.req.param("id") ?? "");
}

async function answer(
  context: Context,
  blobs: AttachmentRoutesOptions["blobs"],
  key: BlobKey,
  hasRanges: boolean,
): Promise<Response> {
  const info = await found(() => blobs.head(key));
  const headers = headersOf(info, hasRanges);
  if (hasEtag(context, headers["etag"])) return new Response(null, { status: 304, headers });
  // A HEAD request knows no ranges, and nobody would read or close a stream that was opened for it.
  const isHead = context.req.method === "HEAD";
  const range = hasRanges && !isHead ? rangeOf(context, info, headers["etag"]) : undefined;
  const { start, end } = range ?? { start: 0, end: info.sizeBytes };
  const body = isHead ? null : await found(() => blobs.get(key, range));
  return new Response(body, {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      "content-length": `${end - start}`,
      ...(range && { "content-range": `bytes ${start}-${end - 1}/${info.sizeBytes}` }),
    },
  });
}

/** With `If-Range` a range is only meant if the bytes are still those that the reader has a part of. */
function rangeOf(context: Context, { sizeBytes }: BlobInfo, etag: string): ByteRange | undefined {
  const condition = context.req.header("if-range");
  if (condition !== undefined && condition !== etag) return undefined;
  return parseRange(context.req.header("range"), sizeBytes);
}

function headersOf({ mimeType, name, sha256 }: BlobInfo, hasRanges: boolean) {
  const disposition = isShownInPlace(mimeType) ? "inline" : "attachment";
  return {
    "content-type": isText(mimeType) ? `${mimeType}; charset=utf-8` : mimeType,
    "content-disposition": `${disposition}; filename*=UTF-8''${encodeName(name)}`,
    "content-security-policy": POLICY,
    // Pages of other origins are meant to show it.
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": CACHE,
    etag: `"${sha256}"`,
    ...(hasRanges && { "accept-ranges": "bytes" }),
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc8187#section-3.2.1 */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The store speaks of blobs, of which outsiders know nothing. */
async function found<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof AnywireError && error.code === "not_found" ? noAttachment() : error;
  }
}
