import type { ErrorCode } from "@anywire/types";

/** What a failed storage operation tells the event loop; plain, to cross threads. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A failure that already says what to do, thrown inside a worker. */
export class StorageFailure extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Primary result codes. @see https://www.sqlite.org/rescode.html */
const BY_RESULT: Readonly<Record<number, Failure>> = {
  3: { code: "unavailable", message: "may not be used by this user: check its permissions" },
  5: {
    code: "unavailable",
    message: "is locked by another process: end that process, or try again later",
  },
  6: { code: "unavailable", message: "is locked: try again later" },
  8: { code: "unavailable", message: "cannot be written: check its permissions and the disk" },
  10: { code: "unavailable", message: "could not be read or written: check the disk" },
  11: {
    code: "storage_damaged",
    message: "is damaged: restore a backup with `anywire restore`",
  },
  13: {
    code: "storage_full",
    message: "has no room left: make room on the disk, and writing goes on by itself",
  },
  14: { code: "unavailable", message: "cannot be opened: check that its directory can be written" },
  26: {
    code: "storage_damaged",
    message: "is not a database: move it away, or restore a backup with `anywire restore --force`",
  },
};

/** `SQLITE_IOERR_SHMSIZE`: the shared memory file beside the log could not grow, as on a full disk. */
const NO_ROOM_FOR_SHARED_MEMORY = 4_874;

/** Translates what SQLite or the file system threw about `file`. */
export function failureOf(thrown: unknown, file: string): Failure {
  if (thrown instanceof StorageFailure) return { code: thrown.code, message: thrown.message };
  const { errcode, code, message } = thrown as {
    errcode?: number;
    code?: string;
    message?: string;
  };
  const result = errcode === NO_ROOM_FOR_SHARED_MEMORY || code === "ENOSPC" ? 13 : (errcode ?? 0);
  const known = BY_RESULT[result & 0xff];
  if (known !== undefined) return { code: known.code, message: `${file} ${known.message}` };
  const isFileError = code?.startsWith("E") === true && !code.startsWith("ERR_");
  if (isFileError) return { code: "unavailable", message: `${file} cannot be used: ${message}` };
  return { code: "internal", message: `${file} failed: ${message}` };
}

/** The same for what is thrown further inside a worker. */
export function storageFailureOf(thrown: unknown, file: string): StorageFailure {
  const { code, message } = failureOf(thrown, file);
  return new StorageFailure(code, message);
}
