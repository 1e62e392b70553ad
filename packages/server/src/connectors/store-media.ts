import { createHmac } from "node:crypto";
import type { FetchedMedia, MediaReference } from "@anywire/connectors";
import type { Attachment, MessagePart } from "@anywire/types";
import type { AttachmentIntake } from "../attachments/intake.ts";
import { parseMediaType } from "../attachments/media-type.ts";
import { withoutKey } from "./encryption-key.ts";

/** Where media goes that a message brought. */
export interface WantedMedia {
  readonly platform: string;
  /** The same for the same media. May be guessed: some networks count. */
  readonly id: string;
  readonly kind: MediaReference["kind"];
  readonly name?: string;
  readonly mimeType?: string;
}

const ENDINGS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "audio/mpeg": "mp3",
  "audio/ogg": "ogg",
  "audio/mp4": "m4a",
  "video/mp4": "mp4",
  "application/pdf": "pdf",
  "text/plain": "txt",
};

/** 160 bits, as of every attachment. */
const ID_LENGTH = 40;

/**
 * Takes in media that came over a network, and gives the part of a message that shows it: as what it turns out to be, not as what
 * the network says. Its id can be made again by whoever has the key, and by nobody else: an attachment can be read by whoever has
 * its id.
 * @throws {AnywireError} `unsupported_media_type`, `too_large`, `bad_request`, `unavailable` without a key
 */
export async function storeMedia(
  intake: AttachmentIntake,
  key: string | undefined,
  media: FetchedMedia,
  wanted: WantedMedia,
): Promise<MessagePart> {
  const mimeType = parseMediaType(media.mimeType ?? wanted.mimeType);
  const name = media.name ?? wanted.name ?? `${wanted.kind}.${ENDINGS[mimeType] ?? "bin"}`;
  if (key === undefined) throw withoutKey("media can't be kept");
  const { platform } = wanted;
  const id = createHmac("sha256", key).update(wanted.id).digest("hex").slice(0, ID_LENGTH);
  const { bytes: body, sizeBytes } = media;
  const file = { platform, id, name: name.slice(0, 256), mimeType, body, sizeBytes };
  return partOf(await intake.take(file));
}

function partOf(attachment: Attachment): MessagePart {
  const { url, name, mimeType, sizeBytes, widthPx, heightPx } = attachment;
  const file = { url, name, mimeType, sizeBytes };
  if (mimeType.startsWith("image/")) {
    return {
      type: "image",
      ...file,
      ...(widthPx !== undefined && { widthPx }),
      ...(heightPx !== undefined && { heightPx }),
    };
  }
  return mimeType.startsWith("audio/") ? { type: "audio", ...file } : { type: "file", ...file };
}
