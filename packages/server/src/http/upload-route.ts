import { randomBytes } from "node:crypto";
import type { BlobInfo, BlobStore } from "@anywire/core";
import { AnywireError, type Attachment, attachmentSchema, uploadQuerySchema } from "@anywire/types";
import { readBody } from "../attachments/body-bytes.ts";
import { isListed, parseMediaType } from "../attachments/media-type.ts";
import type { Picture } from "../attachments/picture.ts";
import type { Thumbnailer } from "../attachments/thumbnailer.ts";
import type { AttachmentsConfig } from "../config/config.ts";
import type { ApiOperation, ApiRoute } from "./api-operation.ts";
import { ATTACHMENT } from "./attachment-example.ts";
import { thumbnailKey } from "./attachment-key.ts";
import { authenticate, type TokenChecker } from "./bearer-token.ts";
import { checkInput } from "./check-input.ts";

/** What uploads need. */
export interface UploadRouteOptions {
  readonly blobs: BlobStore;
  readonly thumbnailer: Pick<Thumbnailer, "look">;
  readonly verifier: TokenChecker;
  readonly attachments: AttachmentsConfig;
}

/** What browsers say of a file whose ending they do not know. */
const UNKNOWN_TYPE = "application/octet-stream";

/** 160 bits: an attachment can be read by whoever has its id, so nobody may find one. */
const ID_BYTES = 20;

/** Larger images are kept and sent as any other, but not looked at: that takes the whole image into memory. */
const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

const operation: ApiOperation = {
  method: "POST",
  path: "/v1/attachments",
  id: "uploadAttachment",
  tag: "Attachments",
  summary: "Upload an attachment",
  description:
    'The body is the file as it is, and `Content-Type` says what it is; what contradicts that is refused; what is said to be `application/octet-stream` is looked at. The answer comes once it is durable, and its members go into a part of a message: `{type: "image", url, name, mimeType, sizeBytes, widthPx, heightPx}`. Any token may upload. Which types are accepted, and how large, is configured under `attachments`. Of a JPEG, PNG or GIF a thumbnail is made.',
  needsToken: true,
  query: uploadQuerySchema,
  body: { mediaType: "image/jpeg", example: "(the bytes of the file)" },
  answers: { 201: { description: "Stored.", schema: attachmentSchema, example: ATTACHMENT } },
  errors: [
    "bad_request",
    "unauthenticated",
    "token_expired",
    "too_large",
    "unsupported_media_type",
    "unavailable",
    "storage_full",
  ],
};

/** `POST /v1/attachments`: takes in a file, as a stream. */
export function createUploadRoute(options: UploadRouteOptions): ApiRoute {
  const { blobs, thumbnailer, verifier, attachments } = options;
  const { maxBytes, types } = attachments;
  return {
    operation,
    async handle(context) {
      // Before the body is read: from whom nothing is taken is not listened to.
      const { platform } = await authenticate(context, verifier);
      const { name } = checkInput(uploadQuerySchema, context.req.query(), "the query");
      const declared = parseMediaType(context.req.header("content-type"));
      const isUnknown = declared === UNKNOWN_TYPE && !isListed(types, declared);
      if (!isUnknown) assertAccepted(types, declared);
      // What is known of the world's file formats is large, and many a server never needs it.
      const { assertTypeHolds, recognise, SAMPLE_BYTES } = await import(
        "../attachments/check-bytes.ts"
      );
      const { sample, all } = await readBody(context.req.raw, maxBytes, SAMPLE_BYTES);
      const mimeType = isUnknown ? await recognise(sample) : declared;
      if (isUnknown) assertAccepted(types, mimeType);
      else await assertTypeHolds(declared, sample);
      const id = randomBytes(ID_BYTES).toString("hex");
      const info = await blobs.put({ platform, id, mimeType, name, maxBytes }, all);
      const picture = await thumbnailer.look(() => readImage(blobs, info));
      const hasThumbnail = await keepThumbnail(blobs, info, picture);
      return context.json(attachmentOf(info, picture, hasThumbnail), 201);
    },
  };
}

function assertAccepted(types: readonly string[], mimeType: string): void {
  if (isListed(types, mimeType)) return;
  throw new AnywireError(
    "unsupported_media_type",
    `${mimeType} is not accepted; send one of ${types.join(", ")}, or add it to attachments.types`,
  );
}

/** Undefined when it is no image to look at. */
async function readImage(
  blobs: BlobStore,
  info: BlobInfo,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const isImage = info.mimeType.startsWith("image/") && info.mimeType !== "image/svg+xml";
  if (!isImage || info.sizeBytes > MAX_IMAGE_BYTES) return undefined;
  return new Uint8Array(await new Response(await blobs.get(info)).arrayBuffer());
}

/** Whether there is one. The attachment is stored by now, so that nothing here may fail its upload. */
async function keepThumbnail(
  blobs: BlobStore,
  info: BlobInfo,
  picture: Picture | undefined,
): Promise<boolean> {
  if (picture?.thumbnail === undefined) return false;
  const { mimeType, bytes } = picture.thumbnail;
  const draft = { ...thumbnailKey(info), mimeType, name: info.name, maxBytes: bytes.byteLength };
  try {
    await blobs.put(draft, inOnePiece(bytes));
    return true;
  } catch {
    return false;
  }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

function attachmentOf(
  { platform, id, name, mimeType, sizeBytes, sha256 }: BlobInfo,
  picture: Picture | undefined,
  hasThumbnail: boolean,
): Attachment {
  const url = `/v1/attachments/${platform}.${id}`;
  return {
    id: `${platform}.${id}`,
    url,
    name,
    mimeType,
    sizeBytes,
    sha256,
    ...(picture && { widthPx: picture.widthPx, heightPx: picture.heightPx }),
    ...(hasThumbnail && { thumbnailUrl: `${url}/thumbnail` }),
  };
}
