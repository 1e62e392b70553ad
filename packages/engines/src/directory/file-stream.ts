import type { FileHandle } from "node:fs/promises";
import { AnywireError } from "@anywire/types";

const CHUNK_BYTES = 64 * 1024;

/** The bytes of an open file from `start` to before `end`, read as they are asked for. Closes the file. */
export function fileStream(
  file: FileHandle,
  start: number,
  end: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = start;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          if (position === end) {
            await file.close();
            controller.close();
            return;
          }
          const buffer = new Uint8Array(Math.min(CHUNK_BYTES, end - position));
          const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
          if (bytesRead === 0) throw truncated();
          position += bytesRead;
          controller.enqueue(buffer.subarray(0, bytesRead));
        } catch (error) {
          await file.close();
          controller.error(error);
        }
      },
      cancel: () => file.close(),
    },
    // Nothing is read before it is asked for, so that a stream that is let go has read nothing.
    { highWaterMark: 0 },
  );
}

function truncated(): AnywireError {
  return new AnywireError("storage_damaged", "a blob is shorter than it was: restore a backup");
}
