import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MessageEntry } from "@anywire/client";
import {
  attachmentPart,
  type UploadOptions,
  type UploadProgress,
  uploadAttachment,
} from "@anywire/client/attachments";
import type { Attachment } from "@anywire/types";
import type { Page } from "playwright-core";
import { build } from "vite";
import { describe, expect, it, vi } from "vitest";
import { testImage } from "../packages/server/src/attachments/test-image.fixture.ts";
import { openBrowser } from "./browser/open-browser.ts";
import { connectClient } from "./support/connect-client.ts";
import { Inbox } from "./support/inbox.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

declare const anywire: { readonly uploadAttachment: typeof uploadAttachment };

const SOURCE = new URL("../packages/client/src/attachments/index.ts", import.meta.url);
/** A machine that is busy with all the other tests takes its time. */
const PATIENCE = { timeout: 15_000 };
const MIB = 1024 * 1024;
const LOBBY = "production.group.lobby";
const CHUNK = new Uint8Array(64 * 1024).fill(120);

/** A server that takes files of up to a mebibyte, and where it keeps them. */
interface FileServer extends TestServer {
  upload(options: Pick<UploadOptions, "file"> & Partial<UploadOptions>): Promise<Attachment>;
  /** Everything in the directory of the blobs, the empty one for those on their way in too. */
  kept(): Promise<string[]>;
}

async function startFileServer(directory?: string, maxBytes = MIB): Promise<FileServer> {
  const data = { directory: directory ?? (await temporaryDirectory()) };
  const attachments = { maxBytes, types: ["image/*", "text/plain", "application/*"] };
  const server = await startTestServer({ engine: "embedded", data, attachments });
  const token = await server.token("ann");
  return {
    ...server,
    upload: (options) => uploadAttachment({ url: server.url, token, ...options }),
    kept: () => readdir(join(data.directory, "blobs"), { recursive: true }),
  };
}

/** Gives a chunk whenever it is asked to; `gone` says when nobody asks any more. */
function endlessStream(): { stream: ReadableStream<Uint8Array>; gone: Promise<void> } {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(CHUNK),
    cancel: () => resolve(),
  });
  return { stream, gone };
}

async function read(server: TestServer, path: string, headers = {}): Promise<Buffer> {
  const answer = await fetch(server.url + path, { headers });
  expect(answer.ok).toBe(true);
  return Buffer.from(await answer.arrayBuffer());
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const NOTHING = [".staging"];

describe("an upload", () => {
  it("tells how far it is up to the size, and comes back as it was, whole and in parts", async () => {
    const server = await startFileServer();
    const bytes = randomBytes(MIB);
    const told: UploadProgress[] = [];
    const type = "application/octet-stream";
    const onProgress = (progress: UploadProgress) => told.push(progress);
    const { url, ...known } = await server.upload({ file: bytes, type, onProgress });
    expect(known).toMatchObject({ sizeBytes: MIB, sha256: sha256(bytes) });
    const sent = told.map(({ sentBytes }) => sentBytes);
    expect(sent.length).toBeGreaterThan(4);
    expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
    expect(told.at(-1)).toEqual({ sentBytes: MIB, totalBytes: MIB });

    expect((await read(server, url)).equals(bytes)).toBe(true);
    const ranges = ["bytes=0-0", "bytes=1-700000", "bytes=700001-", "bytes=-100"];
    const parts = await Promise.all(ranges.map((range) => read(server, url, { range })));
    expect(Buffer.concat(parts.slice(0, 3)).equals(bytes)).toBe(true);
    expect(parts[3]?.equals(bytes.subarray(-100))).toBe(true);
    const behind = await fetch(server.url + url, { headers: { range: `bytes=${MIB}-` } });
    expect([behind.status, behind.headers.get("content-range")]).toEqual([416, `bytes */${MIB}`]);
  });

  it("whose type is a lie is refused, and nothing is left", async () => {
    const server = await startFileServer();
    const photo = await testImage("image/png", 300, 300);
    for (const [file, type, message] of [
      [photo, "application/pdf", "are image/png"],
      [photo, "text/plain", "are no text"],
      [new TextEncoder().encode("<script>"), "image/png", "are something else"],
      [photo, "video/mp4", "not accepted"],
    ] as const) {
      const refusal = { code: "unsupported_media_type", message: expect.stringContaining(message) };
      await expect(server.upload({ file, type })).rejects.toMatchObject(refusal);
    }
    expect(await server.kept()).toEqual(NOTHING);
  });

  it("that is too large is refused when it says so, or on the way, and nothing is left", async () => {
    const server = await startFileServer();
    const tooLarge = { code: "too_large", message: expect.stringContaining(`${MIB} bytes`) };
    const file = new Blob([new Uint8Array(32 * MIB).fill(120)], { type: "text/plain" });
    await expect(server.upload({ file })).rejects.toMatchObject(tooLarge);
    await expect(server.upload({ file, onProgress: () => {} })).rejects.toMatchObject(tooLarge);
    const { stream, gone } = endlessStream();
    await expect(server.upload({ file: stream, type: "text/plain" })).rejects.toMatchObject(
      tooLarge,
    );
    await gone;
    expect(await server.kept()).toEqual(NOTHING);
  });

  it("that its sender breaks off leaves nothing", async () => {
    const server = await startFileServer(undefined, 1024 * MIB);
    const { stream, gone } = endlessStream();
    const abort = new AbortController();
    const { signal } = abort;
    const uploading = server.upload({ file: stream, type: "text/plain", signal });
    await vi.waitFor(async () => expect((await server.kept()).length).toBeGreaterThan(1), PATIENCE);
    abort.abort();
    await expect(uploading).rejects.toBe(signal.reason);
    await gone;
    await vi.waitFor(async () => expect(await server.kept()).toEqual(NOTHING), PATIENCE);
  });

  it("of an image has a thumbnail that is as large as promised", async () => {
    const server = await startFileServer();
    const file = await testImage("image/png", 1600, 1200);
    const { widthPx, heightPx, thumbnailUrl } = await server.upload({ file, type: "image/png" });
    expect([widthPx, heightPx]).toEqual([1600, 1200]);
    const thumbnail = await read(server, thumbnailUrl ?? "");
    // Where a PNG has its width and height.
    expect([thumbnail.readUInt32BE(16), thumbnail.readUInt32BE(20)]).toEqual([320, 240]);
  });

  it("is still there after a restart, with its thumbnail", async () => {
    const directory = await temporaryDirectory();
    const first = await startFileServer(directory);
    const file = await testImage("image/jpeg", 400, 300);
    const stored = await first.upload({ file, type: "image/jpeg", name: "beach.jpg" });
    const thumbnail = await read(first, stored.thumbnailUrl ?? "");
    await first.close();
    const second = await startFileServer(directory);
    expect(sha256(await read(second, stored.url))).toBe(stored.sha256);
    expect((await read(second, stored.thumbnailUrl ?? "")).equals(thumbnail)).toBe(true);
  });

  it("without a server is unavailable", async () => {
    const server = await startFileServer();
    await server.close();
    const file = new Blob(["hello"], { type: "text/plain" });
    await expect(server.upload({ file })).rejects.toMatchObject({ code: "unavailable" });
  });
});

it("a message with an attachment comes to the other, and stands in the history", async () => {
  const server = await startFileServer();
  const [ann, bob] = [
    await connectClient(server, "ann", { claims: {} }),
    await connectClient(server, "bob", { claims: {} }),
  ];
  const lobby = bob.channel(LOBBY);
  const heard = new Inbox<MessageEntry>("messages");
  lobby.on("message", (message) => heard.push(message));
  await lobby.subscribe();
  const file = new File([await testImage("image/jpeg", 80, 60)], "a.jpg", { type: "image/jpeg" });
  const part = attachmentPart(await server.upload({ file }));
  expect(part).toMatchObject({ type: "image", name: "a.jpg", widthPx: 80, heightPx: 60 });
  await ann.channel(LOBBY).send({ text: "look", parts: [part] });
  const [message] = await heard.atLeast(1);
  expect(message?.data).toEqual({ text: "look", parts: [part] });
  const { entries } = await lobby.history({ limit: 1 });
  expect(entries[0]?.data).toEqual({ text: "look", parts: [part] });
  const [shown] = message?.data.parts ?? [];
  const url = shown?.type === "image" ? shown.url : "";
  expect((await read(server, url)).byteLength).toBe(file.size);
});

/** The client's subpath as one script that leaves its exports in `anywire`. */
async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@anywire/source", "module", "browser"] },
    build: {
      write: false,
      lib: { entry: fileURLToPath(SOURCE), formats: ["iife"], name: "anywire" },
    },
  });
  const bundles = [output].flat().flatMap((result) => ("output" in result ? result.output : []));
  return bundles.map((made) => ("code" in made ? made.code : "")).join("");
}

/** What an upload in the page came to. */
interface Outcome {
  readonly stored?: Attachment;
  readonly error?: string;
  readonly told: readonly UploadProgress[];
}

/** Uploads so many bytes from the page; `abortAtFirst` does so when it is told of the first. */
function uploadFrom(
  page: Page,
  options: Pick<UploadOptions, "url"> & { token: string; bytes: number; abortAtFirst?: boolean },
): Promise<Outcome> {
  return page.evaluate(async ({ bytes, abortAtFirst, ...to }) => {
    const told: UploadProgress[] = [];
    const abort = new AbortController();
    const onProgress = (progress: UploadProgress): void => {
      told.push(progress);
      if (abortAtFirst) abort.abort();
    };
    const file = new File([new Uint8Array(bytes).fill(120)], "x.txt", { type: "text/plain" });
    const { signal } = abort;
    try {
      return { told, stored: await anywire.uploadAttachment({ ...to, file, onProgress, signal }) };
    } catch (thrown) {
      const { code, name } = thrown as { code: string; name: string };
      return { told, error: name === "AnywireError" ? code : name };
    }
  }, options);
}

it("a page of another origin uploads with progress, can break it off, and hears why it is refused", async (context) => {
  const browser = await openBrowser(context);
  // An answer of the API stands in for a page: there is nothing that it may do by itself.
  const page = await browser.newPage({ bypassCSP: true });
  const home = await startTestServer();
  const attachments = { maxBytes: 16 * MIB, types: ["text/*"] };
  const server = await startTestServer({ attachments, http: { corsOrigins: [home.url] } });
  const to = { url: server.url, token: await server.token("ann") };
  await page.goto(`${home.url}/health`);
  await page.evaluate(await bundle());

  const { stored, told } = await uploadFrom(page, { ...to, bytes: 8 * MIB });
  expect(stored).toMatchObject({ name: "x.txt", mimeType: "text/plain", sizeBytes: 8 * MIB });
  expect(told.at(-1)).toEqual({ sentBytes: 8 * MIB, totalBytes: 8 * MIB });
  const aborted = await uploadFrom(page, { ...to, bytes: 16 * MIB, abortAtFirst: true });
  expect(aborted.error).toBe("AbortError");
  expect((await uploadFrom(page, { ...to, bytes: 64 * MIB })).error).toBe("too_large");
  expect((await uploadFrom(page, { ...to, token: "x", bytes: 1 })).error).toBe("unauthenticated");
  await server.close();
  expect((await uploadFrom(page, { ...to, bytes: 1 })).error).toBe("unavailable");
});
