import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { BlobKey, BlobStore } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { z } from "zod";
import { TRIGGERS } from "../../author/trigger.ts";
import type { Revision } from "../bundle/revision.ts";
import { revisionId } from "../bundle/revision-id.ts";

/** Revisions where every node can read them. */
export interface RevisionStore {
  /** Keeps a revision; one that is there already is left as it is. */
  put(revision: Revision): Promise<void>;
  /**
   * A revision, as it was put.
   * @throws {AnywireError} `not_found` when it is not there, or not yet; `storage_damaged` when it is not what was put.
   */
  get(id: string): Promise<Revision>;
}

/** Largest revision, bytes: compressed, and as it is. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LENGTH = 256 * 1024 * 1024;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const revisionSchema = z.object({
  id: z.string(),
  functions: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      code: z.string(),
      pubnub: z
        .object({
          trigger: z.enum(TRIGGERS),
          binding: z.string(),
          options: z.record(z.string(), z.unknown()).exactOptional(),
        })
        .exactOptional(),
    }),
  ),
});

/** Keeps revisions in a blob store: each is one blob, compressed JSON, that is checked against its id when it is read. */
export function createRevisionStore(blobs: BlobStore): RevisionStore {
  return new BlobRevisionStore(blobs);
}

class BlobRevisionStore implements RevisionStore {
  readonly #blobs: BlobStore;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  async put({ id, functions }: Revision): Promise<void> {
    const bytes = await compress(JSON.stringify({ id, functions }));
    if (await this.#write(id, bytes)) return;
    try {
      await this.get(id);
    } catch (error) {
      if (!isDamage(error)) throw error;
      await this.#blobs.delete(keyOf(id));
      await this.#write(id, bytes);
    }
  }

  async get(id: string): Promise<Revision> {
    const bytes = await new Response(await this.#blobs.get(keyOf(id))).arrayBuffer();
    const revision = await decode(new Uint8Array(bytes));
    if (revision === undefined || revisionId(revision.functions) !== id) {
      throw new AnywireError(
        "storage_damaged",
        `what is stored as revision ${id} is another one: put the revision up again`,
      );
    }
    return revision;
  }

  /** Whether it was written; false when there is one already. */
  async #write(id: string, bytes: Uint8Array): Promise<boolean> {
    const draft = { mimeType: "application/gzip", name: `revision ${id}`, maxBytes: MAX_BYTES };
    try {
      await this.#blobs.put({ ...keyOf(id), ...draft }, inOnePiece(bytes));
      return true;
    } catch (error) {
      if (error instanceof AnywireError && error.code === "conflict") return false;
      throw error;
    }
  }
}

function keyOf(id: string): BlobKey {
  return { platform: "anywire", id: `fn-${id}` };
}

async function decode(bytes: Uint8Array): Promise<Revision | undefined> {
  try {
    const json = await decompress(bytes, { maxOutputLength: MAX_LENGTH });
    return revisionSchema.parse(JSON.parse(json.toString()));
  } catch {
    return undefined;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof AnywireError && error.code === "storage_damaged";
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
