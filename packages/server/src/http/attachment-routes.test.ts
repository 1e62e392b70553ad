import { createHash } from "node:crypto";
import type { BlobStore } from "@anywire/core";
import { createMemoryBlobStore } from "@anywire/engines/memory";
import { AnywireError, type Attachment, type ErrorCode } from "@anywire/types";
import { imageSize } from "image-size";
import { beforeAll, describe, expect, test } from "vitest";
import { testImage } from "../attachments/test-image.fixture.ts";
import {
  createTestApp,
  streamOf,
  type TestApp,
  type TestRequest,
} from "./create-test-app.fixture.ts";

const UPLOAD = "/v1/attachments";
const NOBODY = `production.${"0".repeat(40)}`;
const TEXT = new TextEncoder().encode("the quick brown fox");

let server: TestApp;
let text: Attachment;
let photo: Attachment;

const upload = (mimeType: string, body: NonNullable<TestRequest["body"]>): TestRequest => ({
  method: "POST",
  body,
  headers: { "content-type": mimeType },
});

async function uploaded(
  name: string,
  mimeType: string,
  body: NonNullable<TestRequest["body"]>,
): Promise<Attachment> {
  const path = `${UPLOAD}?name=${encodeURIComponent(name)}`;
  const answer = await server.send(path, upload(mimeType, body));
  expect(answer.status).toBe(201);
  return (await answer.json()) as Attachment;
}

/** How many blobs a store was given that it kept. */
async function appThatFails(code: ErrorCode): Promise<TestApp> {
  const fail = (): never => {
    throw new AnywireError(code, "for a test");
  };
  const blobs: BlobStore = {
    ...createMemoryBlobStore(),
    start: async () => {},
    put: fail,
    head: fail,
    get: fail,
  };
  return createTestApp({ blobs });
}

beforeAll(async () => {
  server = await createTestApp();
  text = await uploaded("Ünal's notes.txt", "text/plain", TEXT);
  photo = await uploaded("beach.jpg", "image/jpeg", await testImage("image/jpeg", 800, 600));
});

describe("an upload", () => {
  test("answers with what it is, and its bytes are there", async () => {
    expect(text).toEqual({
      id: expect.stringMatching(/^production\.[0-9a-f]{40}$/),
      url: `${UPLOAD}/${text.id}`,
      name: "Ünal's notes.txt",
      mimeType: "text/plain",
      sizeBytes: TEXT.byteLength,
      sha256: createHash("sha256").update(TEXT).digest("hex"),
    });
    const answer = await server.send(text.url, { token: null });
    expect(await answer.text()).toBe("the quick brown fox");
    const { headers } = answer;
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("content-disposition")).toBe(
      "inline; filename*=UTF-8''%C3%9Cnal%27s%20notes.txt",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  });

  test("of an image says its size and makes a thumbnail that is in proportion", async () => {
    expect(photo).toMatchObject({
      widthPx: 800,
      heightPx: 600,
      thumbnailUrl: `${photo.url}/thumbnail`,
    });
    const answer = await server.send(`${photo.url}/thumbnail`, { token: null });
    expect(answer.headers.get("content-type")).toBe("image/jpeg");
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(imageSize(bytes)).toMatchObject({ width: 320, height: 240, type: "jpg" });
  });

  test("of an image with transparent parts makes a thumbnail that has them too", async () => {
    const icon = await uploaded("icon.png", "image/png", await testImage("image/png", 40, 700));
    const answer = await server.send(icon.thumbnailUrl ?? "");
    expect(answer.headers.get("content-type")).toBe("image/png");
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(imageSize(bytes)).toMatchObject({ width: 18, height: 320 });
  });

  test("of an image that can't be read is kept, without a thumbnail", async () => {
    const broken = (await testImage("image/jpeg", 800, 600)).subarray(0, 900);
    const kept = await uploaded("broken.jpg", "image/jpeg", broken);
    expect(kept.thumbnailUrl).toBeUndefined();
    expect((await server.send(kept.url)).status).toBe(200);
  });

  test("of an image that claims a huge size is not decoded", async () => {
    const bomb = await testImage("image/png", 10, 10);
    // Width and height of the header; its checksum no longer fits, which would not stop a decoder.
    const header = new DataView(bomb.buffer, bomb.byteOffset);
    header.setUint32(16, 60_000);
    header.setUint32(20, 60_000);
    const kept = await uploaded("bomb.png", "image/png", bomb);
    expect(kept).toMatchObject({ widthPx: 60_000, heightPx: 60_000 });
    expect(kept.thumbnailUrl).toBeUndefined();
  });

  test.each([
    ["nothing at all", undefined, TEXT, 415, "must say what the bytes are"],
    ["a type that is not accepted", "application/x-msdownload", TEXT, 415, "not accepted"],
    [
      "a picture that is a page",
      "image/png",
      "<!doctype html><script>alert(1)</script>",
      415,
      "are something else",
    ],
    ["a text that is none", "text/plain", new Uint8Array([0, 1, 2, 3]), 415, "are no text"],
    ["a document that is a picture", "application/pdf", "png", 415, "are image/png"],
  ])(
    "that says it is %s is refused, and nothing is stored",
    async (_name, type, body, status, detail) => {
      const bytes = body === "png" ? await testImage("image/png", 2, 2) : body;
      const headers = type === undefined ? { "content-type": "" } : { "content-type": type };
      const blobs = countingStore();
      const { send } = await createTestApp({ blobs: blobs.store });
      const answer = await send(UPLOAD, { method: "POST", body: bytes, headers });
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining(detail) });
      expect(blobs.stored()).toBe(0);
    },
  );

  test("of what nobody says what it is is looked at", async () => {
    const unknown = "application/octet-stream";
    const photo = await uploaded("photo", unknown, await testImage("image/png", 40, 30));
    expect(photo).toMatchObject({ mimeType: "image/png", widthPx: 40, heightPx: 30 });
    const notes = await uploaded("README.md", unknown, "# Grüße\n".repeat(5_000));
    expect(notes.mimeType).toBe("text/plain");
    for (const bytes of [new Uint8Array([0xff, 0xfe, 0xfd, 0xc0]), new Uint8Array([65, 0, 66])]) {
      const answer = await server.send(UPLOAD, upload(unknown, bytes));
      expect(answer.status).toBe(415);
    }
    // Where they are accepted as they are, they stay that.
    const { send } = await createTestApp({ attachments: { maxBytes: 1000, types: ["*/*"] } });
    const kept = await send(UPLOAD, upload(unknown, "text"));
    expect(await kept.json()).toMatchObject({ mimeType: unknown });
  });

  test("that is too large is refused whether it says so or not, and nothing is stored", async () => {
    const blobs = countingStore();
    const { send } = await createTestApp({ blobs: blobs.store });
    const chunk = new TextEncoder().encode("x".repeat(60_000));
    const chunks = streamOf(chunk, chunk, chunk, chunk);
    for (const headers of [{ "content-length": "200001" }, {}]) {
      const request = { method: "POST", headers: { "content-type": "text/plain", ...headers } };
      const answer = await send(UPLOAD, {
        ...request,
        body: "content-length" in headers ? "x" : chunks,
      });
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({
        code: "too_large",
        detail: expect.stringContaining("200000"),
      });
    }
    expect(blobs.stored()).toBe(0);
  });

  test("of nothing is an attachment of no bytes", async () => {
    const empty = await uploaded("empty.txt", "text/plain", "");
    expect(empty.sizeBytes).toBe(0);
    const answer = await server.send(empty.url, { headers: { range: "bytes=0-" } });
    expect(answer.status).toBe(416);
  });

  test("with a name that is a path is refused", async () => {
    const answer = await server.send(`${UPLOAD}?name=..%2Fetc%2Fpasswd`, upload("text/plain", "x"));
    expect(answer.status).toBe(400);
  });

  test("needs a token", async () => {
    const answer = await server.send(UPLOAD, { ...upload("text/plain", "x"), token: null });
    expect(answer.status).toBe(401);
  });
});

describe("reading", () => {
  test.each([
    ["bytes=4-8", 206, "quick", "bytes 4-8/19"],
    ["bytes=16-", 206, "fox", "bytes 16-18/19"],
    ["bytes=16-99", 206, "fox", "bytes 16-18/19"],
    ["bytes=-3", 206, "fox", "bytes 16-18/19"],
    ["bytes=-99", 206, "the quick brown fox", "bytes 0-18/19"],
    ["bytes=8-4", 200, "the quick brown fox", null],
    ["bytes=0-1,4-5", 200, "the quick brown fox", null],
    ["lines=1-2", 200, "the quick brown fox", null],
  ])("with range %s", async (range, status, body, contentRange) => {
    const answer = await server.send(text.url, { headers: { range } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-range")).toBe(contentRange);
    expect(answer.headers.get("content-length")).toBe(`${body.length}`);
    expect(await answer.text()).toBe(body);
  });

  test("of a range behind the end says how much there is", async () => {
    const answer = await server.send(text.url, { headers: { range: "bytes=19-" } });
    expect(answer.status).toBe(416);
    expect(answer.headers.get("content-range")).toBe("bytes */19");
  });

  test("again what is at hand answers without the bytes, and a part of another version with all", async () => {
    const etag = (await server.send(text.url)).headers.get("etag") ?? "";
    const send = (headers: Record<string, string>) => server.send(text.url, { headers });
    expect((await send({ "if-none-match": etag })).status).toBe(304);
    expect((await send({ "if-range": etag, range: "bytes=0-2" })).status).toBe(206);
    expect((await send({ "if-range": '"other"', range: "bytes=0-2" })).status).toBe(200);
  });

  test("its head gives the size and no bytes", async () => {
    const answer = await server.send(text.url, { method: "HEAD" });
    expect(answer.headers.get("content-length")).toBe("19");
    expect(answer.headers.get("accept-ranges")).toBe("bytes");
    expect(await answer.text()).toBe("");
  });

  test.each(["text/html", "image/svg+xml", "text/javascript", "application/xhtml+xml"])(
    "%s is a download that runs nothing",
    async (type) => {
      const { send } = await createTestApp({ attachments: { maxBytes: 1000, types: ["*/*"] } });
      const body = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
      const { url } = (await (await send(UPLOAD, upload(type, body))).json()) as Attachment;
      const { headers } = await send(url);
      expect(headers.get("content-disposition")).toMatch(/^attachment;/);
      expect(headers.get("content-security-policy")).toContain("sandbox");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    },
  );

  test.each([
    `${UPLOAD}/${NOBODY}`,
    `${UPLOAD}/${NOBODY}/thumbnail`,
    `${UPLOAD}/..%2F..%2Fkeys.json`,
    `${UPLOAD}/production.x`,
  ])("%s finds nothing", async (path) => {
    expect((await server.send(path)).status).toBe(404);
    expect((await server.send(`${text.url}/thumbnail`)).status).toBe(404);
  });
});

test.each([
  ["storage_full", 507, UPLOAD, upload("text/plain", "x")],
  ["unavailable", 503, UPLOAD, upload("text/plain", "x")],
  ["storage_damaged", 500, `${UPLOAD}/${NOBODY}`, {}],
  ["unavailable", 503, `${UPLOAD}/${NOBODY}/thumbnail`, {}],
] as const)(
  "a store that fails with %s is answered with %i",
  async (code, status, path, request) => {
    const { send } = await appThatFails(code);
    expect((await send(path, request)).status).toBe(status);
  },
);

/** A store that counts what it has taken in whole. */
function countingStore(): { readonly store: BlobStore; stored(): number } {
  const store = createMemoryBlobStore();
  let count = 0;
  const put: BlobStore["put"] = async (draft, bytes) => {
    const info = await store.put(draft, bytes);
    count += 1;
    return info;
  };
  const counting: BlobStore = {
    capabilities: store.capabilities,
    start: () => store.start(),
    put,
    head: (key) => store.head(key),
    get: (key, range) => store.get(key, range),
    delete: (key) => store.delete(key),
    close: () => store.close(),
  };
  return { store: counting, stored: () => count };
}
