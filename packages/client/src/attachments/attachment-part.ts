import type { Attachment, MessagePart } from "@anywire/types";

/** The parts of a message that refer to a file. */
export type AttachmentPart = Extract<MessagePart, { type: "image" | "audio" | "file" }>;

/**
 * The part of a message that shows an attachment: an image, sound, or a file of any other type.
 *
 * @example
 * await channel.send({ parts: [attachmentPart(await uploadAttachment({ url, token, file }))] });
 */
export function attachmentPart(attachment: Attachment): AttachmentPart {
  const { url, name, mimeType, sizeBytes, widthPx, heightPx } = attachment;
  const file = { url, name, mimeType, sizeBytes };
  if (mimeType.startsWith("audio/")) return { type: "audio", ...file };
  if (!mimeType.startsWith("image/")) return { type: "file", ...file };
  const isMeasured = widthPx !== undefined && heightPx !== undefined;
  return { type: "image", ...file, ...(isMeasured && { widthPx, heightPx }) };
}
