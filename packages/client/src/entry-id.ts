import { v7 } from "uuid";

/**
 * A new id for a message, to know it by before the server does: a UUID version 7, like
 * `createEntryId` of `@anywire/types`, which would bring its whole schema library along.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function createEntryId(): string {
  return v7();
}
