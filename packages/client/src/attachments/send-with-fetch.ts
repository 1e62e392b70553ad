import { toUnavailable } from "./upload-error.ts";
import type { UploadAnswer, UploadProgress, UploadRequest } from "./upload-request.ts";

/**
 * Uploads with `fetch`. Its progress is counted where the bytes are read from.
 * @throws {AnywireError} `unavailable` when there is no answer; the reason of an abort; what reading the file throws.
 */
export async function sendWithFetch(request: UploadRequest): Promise<UploadAnswer> {
  const { url, headers, signal } = request;
  let fault: { readonly thrown: unknown } | undefined;
  const body = bodyOf(request, (thrown) => {
    fault = { thrown };
  });
  try {
    const init = { method: "POST", headers, body, duplex: "half", signal: signal ?? null } as const;
    const answer = await fetch(url, init);
    return { status: answer.status, text: await answer.text() };
  } catch (thrown) {
    signal?.throwIfAborted();
    // To `fetch` a file that can't be read and a server that can't be reached are one error.
    throw fault === undefined ? toUnavailable(thrown) : fault.thrown;
  }
}

/** A file that nobody watches goes as it is, so that the request says how long it is. */
function bodyOf(
  { file, onProgress }: UploadRequest,
  onFault: (thrown: unknown) => void,
): Blob | ReadableStream<Uint8Array> {
  const isStream = file instanceof ReadableStream;
  if (isStream) return watched(file, undefined, onProgress, onFault);
  const blob = new Blob([file]);
  return onProgress === undefined ? blob : watched(blob.stream(), blob.size, onProgress, onFault);
}

function watched(
  source: ReadableStream<Uint8Array>,
  totalBytes: number | undefined,
  onProgress: ((progress: UploadProgress) => void) | undefined,
  onFault: (thrown: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let sentBytes = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          controller.enqueue(value);
          sentBytes += value.byteLength;
          onProgress?.({ sentBytes, ...(totalBytes !== undefined && { totalBytes }) });
        } catch (thrown) {
          onFault(thrown);
          throw thrown;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
