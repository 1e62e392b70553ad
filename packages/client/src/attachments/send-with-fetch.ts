import { toUnavailable } from "./upload-error.ts";
import type { AttachmentFile, UploadAnswer, UploadRequest } from "./upload-request.ts";

type Source = ReadableStreamDefaultReader<Uint8Array>;

/** A file is read in pieces of this: its own stream may come in one, which is no progress. */
const PIECE_BYTES = 64 * 1024;

/**
 * Uploads with `fetch`. Its progress is counted where the bytes are read from.
 * @throws {AnywireError} `unavailable` when there is no answer; the reason of an abort; what reading the file throws.
 */
export async function sendWithFetch(request: UploadRequest): Promise<UploadAnswer> {
  const { file, onProgress } = request;
  // A file that nobody watches goes as it is, so that the request says how long it is.
  if (!(file instanceof ReadableStream) && onProgress === undefined) {
    return send(request, new Blob([file]));
  }
  const source = streamOf(file).getReader();
  let fault: { readonly thrown: unknown } | undefined;
  const body = counted(source, request, (thrown) => {
    fault = { thrown };
  });
  try {
    return await send(request, body);
  } catch (error) {
    // To `fetch` a file that can't be read and a server that can't be reached are one error.
    throw fault === undefined || request.signal?.aborted ? error : fault.thrown;
  } finally {
    // Node goes on reading after an abort or a refusal: https://github.com/nodejs/node/issues/61460
    source.cancel().catch(() => {});
  }
}

async function send(
  { url, headers, signal }: UploadRequest,
  body: Blob | ReadableStream<Uint8Array>,
): Promise<UploadAnswer> {
  try {
    const init = { method: "POST", headers, body, duplex: "half", signal: signal ?? null } as const;
    const answer = await fetch(url, init);
    return { status: answer.status, text: await answer.text() };
  } catch (thrown) {
    signal?.throwIfAborted();
    throw toUnavailable(thrown);
  }
}

function streamOf(file: AttachmentFile): ReadableStream<Uint8Array> {
  if (file instanceof ReadableStream) return file;
  const blob = new Blob([file]);
  let at = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        if (at >= blob.size) return controller.close();
        const piece = blob.slice(at, at + PIECE_BYTES);
        controller.enqueue(new Uint8Array(await piece.arrayBuffer()));
        at += PIECE_BYTES;
      },
    },
    { highWaterMark: 0 },
  );
}

function counted(
  source: Source,
  { file, onProgress }: UploadRequest,
  onFault: (thrown: unknown) => void,
): ReadableStream<Uint8Array> {
  const size = sizeOf(file);
  let sentBytes = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.read();
          if (done) return controller.close();
          controller.enqueue(value);
          sentBytes += value.byteLength;
          onProgress?.({ sentBytes, ...size });
        } catch (thrown) {
          onFault(thrown);
          throw thrown;
        }
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function sizeOf(file: AttachmentFile): { totalBytes?: number } {
  if (file instanceof ReadableStream) return {};
  return { totalBytes: file instanceof Blob ? file.size : file.byteLength };
}
