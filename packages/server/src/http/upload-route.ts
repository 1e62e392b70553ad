import { randomBytes } from "node:crypto";
import { attachmentSchema, uploadQuerySchema } from "@anywire/types";
import type { AttachmentIntake } from "../attachments/intake.ts";
import { parseMediaType } from "../attachments/media-type.ts";
import type { ApiOperation, ApiRoute } from "./api-operation.ts";
import { ATTACHMENT } from "./attachment-example.ts";
import { authenticate, type TokenChecker } from "./bearer-token.ts";
import { checkInput } from "./check-input.ts";

/** What uploads need. */
export interface UploadRouteOptions {
  readonly verifier: TokenChecker;
  readonly intake: Pick<AttachmentIntake, "take">;
}

/** 160 bits: an attachment can be read by whoever has its id, so nobody may find one. */
const ID_BYTES = 20;

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
export function createUploadRoute({ verifier, intake }: UploadRouteOptions): ApiRoute {
  return {
    operation,
    async handle(context) {
      // Before the body is read: from whom nothing is taken is not listened to.
      const { platform } = await authenticate(context, verifier);
      const { name } = checkInput(uploadQuerySchema, context.req.query(), "the query");
      const mimeType = parseMediaType(context.req.header("content-type"));
      const length = context.req.header("content-length");
      const attachment = await intake.take({
        ...{ platform, name, mimeType },
        id: randomBytes(ID_BYTES).toString("hex"),
        body: context.req.raw.body,
        sizeBytes: length === undefined ? undefined : Number(length),
      });
      return context.json(attachment, 201);
    },
  };
}
