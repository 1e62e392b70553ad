import type { BlobStore } from "@anywire/core";
import { createMemoryBlobStore, MemoryBlobBackend } from "@anywire/engines/memory";
import { beforeEach, expect, test } from "vitest";
import { revisionId } from "../bundle/revision-id.ts";
import { makeRevision } from "./deployment-nodes.fixture.ts";
import { createRevisionStore } from "./revision-store.ts";

const revision = await makeRevision({ greet: "export default 1;", sms: "export default 2;" });
const other = await makeRevision({ greet: "export default 3;" });
const key = { platform: "anywire", id: `fn-${revision.id}` };
const draft = { ...key, mimeType: "application/gzip", name: "revision", maxBytes: 10_000 };

let blobs: BlobStore;

beforeEach(async () => {
  blobs = createMemoryBlobStore(new MemoryBlobBackend());
  await blobs.start();
});

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test("a revision comes back as it was put, also when it was put twice", async () => {
  const store = createRevisionStore(blobs);
  await store.put(revision);
  await store.put(revision);
  expect(await store.get(revision.id)).toEqual(revision);
});

test("a handler that was written for PubNub comes back with how it is bound", async () => {
  const binding = { trigger: "beforePublish", binding: "*.sms.*" } as const;
  const code = { name: "a", file: "a.js", code: "export default 1;" };
  const functions = [
    { ...code, pubnub: { ...binding, options: { kinds: ["data"], deadlineMs: 500 } } },
    { ...code, name: "b", pubnub: binding },
  ];
  const bound = { id: revisionId(functions), functions };
  const store = createRevisionStore(blobs);
  await store.put(bound);
  expect(await store.get(bound.id)).toEqual(bound);
});

test("where it was built is not told", async () => {
  await createRevisionStore(blobs).put({ ...revision, root: "file:///home/ann/functions/" });
  const body = await blobs.get(key);
  const json = await new Response(body.pipeThrough(new DecompressionStream("gzip"))).text();
  expect(JSON.parse(json)).toEqual(revision);
});

test("a revision that is not there is not found", async () => {
  const getting = createRevisionStore(blobs).get(revision.id);
  await expect(getting).rejects.toMatchObject({ code: "not_found" });
});

test("what is not the code of its id is refused, until the revision is put up again", async () => {
  const store = createRevisionStore(blobs);
  await store.put(other);
  const body = await blobs.get({ platform: "anywire", id: `fn-${other.id}` });
  const foreign = new Uint8Array(await new Response(body).arrayBuffer());
  for (const bytes of [foreign, new TextEncoder().encode("no revision")]) {
    await blobs.delete(key);
    await blobs.put(draft, piece(bytes));
    await expect(store.get(revision.id)).rejects.toMatchObject({ code: "storage_damaged" });
    await store.put(revision);
    expect(await store.get(revision.id)).toEqual(revision);
  }
});
