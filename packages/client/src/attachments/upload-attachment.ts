import { AnywireError, type Attachment } from "@anywire/types";
import { toEndpoints } from "../endpoints.ts";
import { TokenSource } from "../token-source.ts";
import { sendWithFetch } from "./send-with-fetch.ts";
import { sendWithXhr, type UploadXhr } from "./send-with-xhr.ts";
import { parseJson, toUploadError } from "./upload-error.ts";
import type { AttachmentFile, UploadProgress, UploadRequest } from "./upload-request.ts";

/** What to upload, to where, and as whom. */
export interface UploadOptions {
  /** Where the server is, as in `createClient`. */
  readonly url: string;
  /** A token; enough alone for as long as it holds. */
  readonly token?: string;
  /** Gives a new token; asked when there is none, or the last one has a day or less left. */
  readonly getToken?: () => Promise<string>;
  /** The bytes: a `File` or other `Blob`, an array, or a stream. */
  readonly file: AttachmentFile;
  /** The file's name, for people. Default: that of a `File`, otherwise `attachment`. */
  readonly name?: string;
  /** Media type, such as `image/jpeg`. Default: that of a `Blob`, otherwise `application/octet-stream`. */
  readonly type?: string;
  /** Told as bytes go out; all sent is not yet stored. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Breaks the upload off; nothing of it is kept. */
  readonly signal?: AbortSignal;
}

/** Of a type that is not known: the server then looks what the bytes are. */
const UNKNOWN_TYPE = "application/octet-stream";

const CREATED = 201;

/**
 * Uploads a file; resolves when it is durable.
 * @throws {AnywireError} the server's, such as `too_large` or `unsupported_media_type`; `unavailable` when there is no
 * answer; `bad_request` when the URL is none, or there is neither `token` nor `getToken`. An abort rejects with the
 * signal's reason; a stream that breaks, `getToken` that fails and, outside of browsers, `onProgress` with what they throw.
 *
 * @example
 * const attachment = await uploadAttachment({ url, token, file: input.files[0] });
 */
export async function uploadAttachment(options: UploadOptions): Promise<Attachment> {
  const { file, onProgress, signal } = options;
  const url = uploadUrl(options);
  const authorization = `Bearer ${await tokenOf(options)}`;
  signal?.throwIfAborted();
  const headers = { authorization, "content-type": typeOf(options) };
  const answer = await send({ url, headers, file, onProgress, signal });
  const stored = answer.status === CREATED ? parseJson(answer.text) : undefined;
  if (stored === undefined) throw toUploadError(answer);
  return stored as Attachment;
}

function uploadUrl({ url, file, name = nameOf(file) }: UploadOptions): string {
  // Beside the path for commands, which knows of a prefix.
  const endpoint = new URL("v1/attachments", toEndpoints(url, []).emulation);
  if (name) endpoint.searchParams.set("name", name);
  return endpoint.href;
}

function nameOf(file: AttachmentFile): string | undefined {
  return "name" in file && typeof file.name === "string" ? file.name : undefined;
}

function typeOf({ file, type = "" }: UploadOptions): string {
  return type || (file instanceof Blob ? file.type : "") || UNKNOWN_TYPE;
}

async function tokenOf({ token, getToken }: UploadOptions): Promise<string> {
  if (token === undefined && getToken === undefined) {
    throw new AnywireError("bad_request", "uploadAttachment needs a token or getToken");
  }
  const tokens = new TokenSource(token, getToken);
  const now = Date.now();
  return tokens.isDue(now) ? tokens.renew(now) : tokens.token;
}

function send(request: UploadRequest) {
  // These types are Node's, which has none.
  const { XMLHttpRequest: Xhr } = globalThis as { XMLHttpRequest?: new () => UploadXhr };
  return Xhr === undefined ? sendWithFetch(request) : sendWithXhr(Xhr, request);
}
