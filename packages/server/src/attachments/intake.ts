import type { BlobInfo, BlobStore } from "@anywire/core";
import { AnywireError, type Attachment } from "@anywire/types";
import type { AttachmentsConfig } from "../config/config.ts";
import { thumbnailKey } from "../http/attachment-key.ts";
import { readBody } from "./body-bytes.ts";
import { isListed } from "./media-type.ts";
import type { Picture } from "./picture.ts";
import type { Thumbnailer } from "./thumbnailer.ts";

/** What taking attachments in needs. */
export interface AttachmentIntakeOptions {
  readonly blobs: BlobStore;
  readonly thumbnailer: Pick<Thumbnailer, "look">;
  readonly attachments: AttachmentsConfig;
}

/** A file that somebody gives. */
export interface GivenFile {
  readonly platform: string;
  /** Unguessable: an attachment can be read by whoever has its id. */
  readonly id: string;
  readonly name: string;
  /** What it is said to be. */
  readonly mimeType: string;
  readonly body: ReadableStream<Uint8Array> | null;
  /** As far as it is known before. */
  readonly sizeBytes?: number | undefined;
}

/** Takes files in, whoever gives them: looks what they are, keeps them, makes thumbnails. */
export interface AttachmentIntake {
  /**
   * Lets a media type pass that may be taken in; for one that says nothing, the bytes will tell.
   * @throws {AnywireError} `unsupported_media_type`
   */
  assertAccepted(mimeType: string): void;
  /**
   * Stores a file; resolves when it is durable. The same id again is the same attachment.
   * @throws {AnywireError} `unsupported_media_type` when it is something else than it is said to be, `too_large`, `bad_request`
   * when it breaks off.
   */
  take(file: GivenFile): Promise<Attachment>;
}

/** What is said of a file that nobody knows. */
const UNKNOWN_TYPE = "application/octet-stream";

/** Larger images are kept and sent as any other, but not looked at: that takes the whole image into memory. */
const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

/** Takes attachments in as configured. */
export function createAttachmentIntake(options: AttachmentIntakeOptions): AttachmentIntake {
  const { blobs, thumbnailer, attachments } = options;
  const { maxBytes, types } = attachments;
  const isUnknown = (mimeType: string): boolean =>
    mimeType === UNKNOWN_TYPE && !isListed(types, mimeType);
  const assertAccepted = (mimeType: string): void => {
    if (!isUnknown(mimeType)) assertListed(types, mimeType);
  };
  return {
    assertAccepted,
    async take({ platform, id, name, mimeType: declared, body, sizeBytes }) {
      assertAccepted(declared);
      // What is known of the world's file formats is large, and many a server never needs it.
      const { assertTypeHolds, recognise, SAMPLE_BYTES } = await import("./check-bytes.ts");
      const { sample, all } = await readBody(body, sizeBytes, maxBytes, SAMPLE_BYTES);
      const mimeType = isUnknown(declared) ? await recognise(sample) : declared;
      if (isUnknown(declared)) assertListed(types, mimeType);
      else await assertTypeHolds(declared, sample);
      const info = await putOnce(blobs, { platform, id, mimeType, name, maxBytes }, all);
      const picture = await thumbnailer.look(() => readImage(blobs, info));
      const hasThumbnail = await keepThumbnail(blobs, info, picture);
      return attachmentOf(info, picture, hasThumbnail);
    },
  };
}

function assertListed(types: readonly string[], mimeType: string): void {
  if (isListed(types, mimeType)) return;
  throw new AnywireError(
    "unsupported_media_type",
    `${mimeType} is not accepted; send one of ${types.join(", ")}, or add it to attachments.types`,
  );
}

/** Who tries again after a crash finds what was stored before. */
async function putOnce(
  blobs: BlobStore,
  draft: Parameters<BlobStore["put"]>[0],
  bytes: AsyncIterable<Uint8Array>,
): Promise<BlobInfo> {
  try {
    return await blobs.put(draft, bytes);
  } catch (error) {
    if (!(error instanceof AnywireError) || error.code !== "conflict") throw error;
    return await blobs.head(draft);
  }
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
    await putOnce(blobs, draft, inOnePiece(bytes));
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
