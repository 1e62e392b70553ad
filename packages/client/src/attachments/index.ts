export type { AttachmentPart } from "./attachment-part.ts";
export { attachmentPart } from "./attachment-part.ts";
export type { UploadOptions } from "./upload-attachment.ts";
export { uploadAttachment } from "./upload-attachment.ts";
export type { AttachmentFile, UploadProgress } from "./upload-request.ts";
