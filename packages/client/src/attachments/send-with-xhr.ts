import { toUnavailable } from "./upload-error.ts";
import type { AttachmentFile, UploadAnswer, UploadRequest } from "./upload-request.ts";

/** The part of `XMLHttpRequest` that is used here. */
export interface UploadXhr {
  readonly status: number;
  readonly responseText: string;
  readonly upload: { onprogress: ((event: { readonly loaded: number }) => void) | null };
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body: Blob): void;
  abort(): void;
}

/**
 * Uploads with `XMLHttpRequest`: in browsers only this one tells how far an upload has come. A stream is taken into
 * memory first.
 * @throws {AnywireError} `unavailable` when there is no answer; the reason of an abort; what reading the stream throws.
 */
export async function sendWithXhr(
  Xhr: new () => UploadXhr,
  request: UploadRequest,
): Promise<UploadAnswer> {
  const { url, headers, file, onProgress, signal } = request;
  const body = await wholeOf(file, signal);
  const xhr = new Xhr();
  const abort = (): void => xhr.abort();
  signal?.addEventListener("abort", abort);
  try {
    return await new Promise((resolve, reject) => {
      xhr.onload = () => resolve({ status: xhr.status, text: xhr.responseText });
      xhr.onerror = () => reject(toUnavailable());
      xhr.onabort = () => reject(signal?.reason);
      if (onProgress !== undefined) {
        xhr.upload.onprogress = ({ loaded }) =>
          onProgress({ sentBytes: loaded, totalBytes: body.size });
      }
      xhr.open("POST", url);
      for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
      xhr.send(body);
    });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function wholeOf(file: AttachmentFile, signal: AbortSignal | undefined): Promise<Blob> {
  if (!(file instanceof ReadableStream)) return new Blob([file]);
  const stream = file.pipeThrough(new TransformStream(), signal && { signal });
  return new Response(stream).blob();
}
