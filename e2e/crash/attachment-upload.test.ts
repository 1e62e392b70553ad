import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { uploadAttachment } from "@anywire/client/attachments";
import type { Attachment } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { Inbox } from "../support/inbox.ts";
import { type CrashingServer, startCrashingServer } from "./crashing-server.ts";

/** A machine that is busy with all the other tests takes its time. */
const PATIENCE = { timeout: 15_000 };
const ROUNDS = 10;
/** Uploads that are under way at the same time. */
const LANES = 6;
/** Acknowledgements in a round after which, at the latest, the server is killed. */
const MOST_IN_A_ROUND = 60;
const MOST_BYTES = 1_000_000;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Text, so that whatever its bytes are they fit its type. */
function randomText(): Uint8Array<ArrayBuffer> {
  const size = 1 + Math.floor(Math.random() * MOST_BYTES);
  return new TextEncoder().encode(randomBytes(size).toString("base64").slice(0, size));
}

/** Begins a text and never ends it: with enough to see what it is, for which the server waits before it stores any of it. */
function halfText(): ReadableStream<Uint8Array> {
  const beginning = new TextEncoder().encode("half ".repeat(20_000));
  return new ReadableStream({ start: (controller) => controller.enqueue(beginning) });
}

/** What one account does to a server that is killed meanwhile. */
interface Uploader {
  /** Uploads one text after the other until the server is gone; each acknowledgement goes into `acknowledged`. */
  uploadUntilKilled(acknowledged: Inbox<Attachment>): Promise<void>;
  /** Uploads something that has no end; resolves when the server is gone. */
  uploadHalf(): Promise<void>;
}

async function uploaderTo(server: CrashingServer): Promise<Uploader> {
  const { url } = server;
  const to = { url, token: await server.token("ann"), type: "text/plain" };
  const gone = { code: "unavailable" };
  return {
    async uploadUntilKilled(acknowledged) {
      const endless = async (): Promise<never> => {
        for (;;) {
          const file = randomText();
          const attachment = await uploadAttachment({ ...to, file });
          expect(attachment).toMatchObject({ sha256: sha256(file), sizeBytes: file.byteLength });
          acknowledged.push(attachment);
        }
      };
      await expect(endless()).rejects.toMatchObject(gone);
    },
    async uploadHalf() {
      await expect(uploadAttachment({ ...to, file: halfText() })).rejects.toMatchObject(gone);
    },
  };
}

/** The ids of all attachments in the directory, acknowledged or not. */
async function storedIds(blobs: string): Promise<string[]> {
  const paths = await readdir(join(blobs, "production"), { recursive: true });
  const ids = paths.flatMap((path) => /^[0-9a-f]{2}\/([0-9a-f]{40})$/.exec(path)?.[1] ?? []);
  return ids.map((id) => `production.${id}`);
}

/** The SHA-256 of an attachment's bytes, and that which the server promises for them. */
async function readBack({ url }: CrashingServer, id: string) {
  const answer = await fetch(`${url}/v1/attachments/${id}`);
  expect(answer.status).toBe(200);
  const read = sha256(new Uint8Array(await answer.arrayBuffer()));
  return { read, promised: answer.headers.get("etag")?.replaceAll('"', "") };
}

it("kills during uploads lose no acknowledged attachment and leave no half one behind", async () => {
  const server = await startCrashingServer();
  const blobs = join(server.directory, "blobs");
  const staged = () => readdir(join(blobs, ".staging"));
  const uploader = await uploaderTo(server);
  const acknowledged = new Inbox<Attachment>("acknowledgements");
  let leftovers = 0;

  for (let round = 1; round <= ROUNDS; round += 1) {
    const half = uploader.uploadHalf();
    await vi.waitFor(async () => expect(await staged()).toHaveLength(1), PATIENCE);
    const lanes = Array.from({ length: LANES }, () => uploader.uploadUntilKilled(acknowledged));
    const enough = 1 + Math.floor(Math.random() * MOST_IN_A_ROUND);
    await acknowledged.atLeast(acknowledged.items.length + enough);
    await server.kill();
    await Promise.all([half, ...lanes]);
    leftovers += (await staged()).length;
    await server.start();
    expect(await staged()).toEqual([]);
  }

  expect(leftovers).toBeGreaterThanOrEqual(ROUNDS);
  const ids = await storedIds(blobs);
  for (const id of ids) {
    const { read, promised } = await readBack(server, id);
    expect(read).toBe(promised);
  }
  for (const attachment of acknowledged.items) {
    const { read } = await readBack(server, attachment.id);
    expect(read).toBe(attachment.sha256);
  }
  expect(await server.stop()).toBe(0);
  console.log(
    `${ROUNDS} kills: ${acknowledged.items.length} attachments acknowledged, ${ids.length} stored, ${leftovers} broken off`,
  );
}, 180_000);
