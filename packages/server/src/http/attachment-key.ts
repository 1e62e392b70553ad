import type { BlobKey } from "@anywire/core";
import { AnywireError, attachmentIdSchema } from "@anywire/types";

/**
 * The blob of an attachment's id.
 * @throws {AnywireError} `not_found` when the text can't be one.
 */
export function attachmentKey(text: string): BlobKey {
  if (!attachmentIdSchema.safeParse(text).success) throw noAttachment();
  const [platform = "", id = ""] = text.split(".");
  return { platform, id };
}

/** The blob of an attachment's thumbnail. */
export function thumbnailKey({ platform, id }: BlobKey): BlobKey {
  return { platform, id: `${id}-thumbnail` };
}

/** The error of an id with nothing under it. */
export function noAttachment(): AnywireError {
  return new AnywireError("not_found", "there is no such attachment, or no thumbnail of it");
}
