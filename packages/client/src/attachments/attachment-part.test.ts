import { type Attachment, messageSchema } from "@anywire/types";
import { expect, test } from "vitest";
import { attachmentPart } from "./attachment-part.ts";

const URL = `/v1/attachments/production.${"a".repeat(40)}`;
const file = { url: URL, name: "a", sizeBytes: 3 };

test.each([
  [
    { mimeType: "image/png", widthPx: 4, heightPx: 3, thumbnailUrl: `${URL}/thumbnail` },
    { type: "image", mimeType: "image/png", widthPx: 4, heightPx: 3 },
  ],
  [{ mimeType: "image/svg+xml" }, { type: "image", mimeType: "image/svg+xml" }],
  [{ mimeType: "audio/mpeg" }, { type: "audio", mimeType: "audio/mpeg" }],
  [{ mimeType: "video/mp4" }, { type: "file", mimeType: "video/mp4" }],
  [{ mimeType: "application/pdf" }, { type: "file", mimeType: "application/pdf" }],
])("of %o the part is %o, and a message takes it", (known, expected) => {
  const id = URL.slice("/v1/attachments/".length);
  const attachment: Attachment = { id, ...file, sha256: "0".repeat(64), ...known };
  const part = attachmentPart(attachment);
  expect(part).toEqual({ ...file, ...expected });
  expect(messageSchema.parse({ parts: [part] })).toEqual({ parts: [part] });
});
