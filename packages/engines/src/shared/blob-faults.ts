import type { BlobKey } from "@anywire/core";
import { AnywireError } from "@anywire/types";

/** The error of a key without a blob. */
export function noBlob({ platform, id }: BlobKey): AnywireError {
  return new AnywireError("not_found", `there is no blob ${platform}.${id}`);
}

/** The error of a key that has a blob already. */
export function blobExists({ platform, id }: BlobKey): AnywireError {
  return new AnywireError("conflict", `there is a blob ${platform}.${id} already; use another id`);
}
