import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import type { Picture } from "./picture.ts";
import { testImage } from "./test-image.fixture.ts";
import { createThumbnailer, type Thumbnailer, type ThumbnailerOptions } from "./thumbnailer.ts";

/** Long enough for a thread to start on a busy machine. */
const TIMEOUT_MS = 4_000;

/** A thumbnailer, and how many threads were started since. */
function startThumbnailer(options: ThumbnailerOptions = {}) {
  const thumbnailer = createThumbnailer(options);
  const threads = { count: 0, last: undefined as Worker | undefined };
  const count = (worker: Worker): void => {
    threads.count += 1;
    threads.last = worker;
  };
  process.on("worker", count);
  onTestFinished(async () => {
    process.off("worker", count);
    await thumbnailer.close();
  });
  return { thumbnailer, threads };
}

async function lookAt(
  thumbnailer: Thumbnailer,
  width: number,
  height: number,
): Promise<Picture | undefined> {
  const bytes = await testImage("image/png", width, height);
  return thumbnailer.look(async () => bytes);
}

/** Somebody who gives the bytes of an image only when told to. */
function slowReader() {
  const asked = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const read = (): Promise<undefined> => {
    asked.resolve();
    return promise;
  };
  return { read, isAsked: asked.promise, finish: () => resolve(undefined) };
}

test("images are looked at one after the other in one thread, which starts with the first", async () => {
  const { thumbnailer, threads } = startThumbnailer();
  expect(threads.count).toBe(0);
  const pictures = await Promise.all([lookAt(thumbnailer, 40, 20), lookAt(thumbnailer, 20, 40)]);
  expect(pictures).toMatchObject([
    { widthPx: 40, heightPx: 20 },
    { widthPx: 20, heightPx: 40 },
  ]);
  expect(await lookAt(thumbnailer, 3, 3)).toMatchObject({ widthPx: 3 });
  expect(threads.count).toBe(1);
});

test("an image that takes too long is given up, and the next one is looked at in a new thread", async () => {
  const { thumbnailer, threads } = startThumbnailer({ timeoutMs: TIMEOUT_MS });
  const slow = thumbnailer.look(async () => slowImage());
  const next = lookAt(thumbnailer, 3, 3);
  expect(await slow).toBeUndefined();
  expect(await next).toMatchObject({ widthPx: 3 });
  expect(threads.count).toBe(2);
});

test("bytes that are no image, and such as can't be read, leave the thread to the next one", async () => {
  const { thumbnailer, threads } = startThumbnailer();
  const lost = async () => {
    throw new Error("the store is gone");
  };
  expect(await thumbnailer.look(async () => new Uint8Array(100))).toBeUndefined();
  expect(await thumbnailer.look(lost)).toBeUndefined();
  expect(await thumbnailer.look(async () => undefined)).toBeUndefined();
  expect(await lookAt(thumbnailer, 3, 3)).toMatchObject({ widthPx: 3 });
  expect(threads.count).toBe(1);
});

test("a thread that ends between two images does no harm, and the next one is looked at in a new one", async () => {
  // Its error ended the server, and what was given to a thread that was gone waited for its time to be over.
  const { thumbnailer, threads } = startThumbnailer({ timeoutMs: 60_000 });
  expect(await lookAt(thumbnailer, 3, 3)).toMatchObject({ widthPx: 3 });
  threads.last?.emit("error", new Error("for a test"));
  await threads.last?.terminate();
  expect(await lookAt(thumbnailer, 4, 4)).toMatchObject({ widthPx: 4 });
  await threads.last?.terminate();
  expect(await lookAt(thumbnailer, 5, 5)).toMatchObject({ widthPx: 5 });
  expect(threads.count).toBe(3);
});

test("when too many wait, more are not looked at nor read, until one is done", async () => {
  const { thumbnailer } = startThumbnailer({ maxWaiting: 2 });
  const [first, second, third] = [slowReader(), slowReader(), slowReader()];
  const looking = [thumbnailer.look(first.read), thumbnailer.look(second.read)];
  await first.isAsked;
  let wasRead = false;
  const tooMany = await thumbnailer.look(async () => {
    wasRead = true;
    return undefined;
  });
  expect([tooMany, wasRead]).toEqual([undefined, false]);
  first.finish();
  await second.isAsked;
  looking.push(thumbnailer.look(third.read));
  second.finish();
  await third.isAsked;
  third.finish();
  expect(await Promise.all(looking)).toEqual([undefined, undefined, undefined]);
});

test("closing gives up what is under way, and nothing is looked at afterwards", async () => {
  const { thumbnailer, threads } = startThumbnailer({ timeoutMs: 60_000 });
  expect(await lookAt(thumbnailer, 3, 3)).toMatchObject({ widthPx: 3 });
  const slow = thumbnailer.look(async () => slowImage());
  const waiting = lookAt(thumbnailer, 3, 3);
  // By then the thread has it.
  await setImmediate();
  await thumbnailer.close();
  expect(await slow).toBeUndefined();
  expect(await waiting).toBeUndefined();
  expect(threads.count).toBe(1);
});

/** A JPEG whose decoder goes through all its blocks once for each few bytes: longer than a test may take. */
function slowImage(): Uint8Array<ArrayBuffer> {
  const SCANS = 100_000;
  const quantization = [0xff, 0xdb, 0, 67, 0, ...new Array(64).fill(1)];
  const frame = [0xff, 0xc2, 0, 11, 8, 0x08, 0, 0x08, 0, 1, 1, 0x11, 0];
  // One code of one bit: the next 16,384 blocks have nothing more.
  const codes = [0xff, 0xc4, 0, 20, 0x10, 1, ...new Array(15).fill(0), 0xe0];
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, ...new Array(8).fill(0)];
  const head = [0xff, 0xd8, ...quantization, ...frame, ...codes];
  const bytes = new Uint8Array(head.length + SCANS * scan.length);
  bytes.set(head);
  for (let i = 0; i < SCANS; i += 1) bytes.set(scan, head.length + i * scan.length);
  return bytes;
}
