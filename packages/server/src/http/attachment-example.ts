import type { Attachment } from "@anywire/types";

const id = "production.5c1f0a37d2b84e6f9a0b1c2d3e4f5a6b7c8d9e0f";

/** An attachment for the reference. */
export const ATTACHMENT: Attachment = {
  id,
  url: `/v1/attachments/${id}`,
  name: "beach.jpg",
  mimeType: "image/jpeg",
  sizeBytes: 48_213,
  sha256: "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
  widthPx: 1600,
  heightPx: 1200,
  thumbnailUrl: `/v1/attachments/${id}/thumbnail`,
};
