import type { MediaSource } from "@anywire/connectors";
import type { BlobStore } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { attachmentKey } from "../http/attachment-key.ts";

const ATTACHMENT = /^\/v1\/attachments\/([^/?#]+)$/;

/**
 * Finds the bytes behind attachments, for whoever sends them on; `baseUrl` is how the outside reaches this server. Of a URL that is
 * no attachment of this server, or of one that is gone, there are none.
 */
export function createMediaSource(
  blobs: Pick<BlobStore, "head" | "get">,
  baseUrl: () => string,
): (url: string) => Promise<MediaSource | undefined> {
  return async (url) => {
    const id = ATTACHMENT.exec(url)?.[1];
    if (id === undefined) return undefined;
    try {
      const key = attachmentKey(id);
      const { name, mimeType, sizeBytes } = await blobs.head(key);
      const publicUrl = new URL(url, baseUrl()).href;
      return { name, mimeType, sizeBytes, url: publicUrl, open: () => blobs.get(key) };
    } catch (error) {
      if (error instanceof AnywireError && error.code === "not_found") return undefined;
      throw error;
    }
  };
}
