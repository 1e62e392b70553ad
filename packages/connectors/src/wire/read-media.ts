import type { MediaSource } from "../contract/send.ts";

/** All bytes of an attachment. @throws {Error} when they can't be read, or are more than it said */
export async function readMedia(source: MediaSource, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await source.open()) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error("the attachment is larger than it was said to be");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
