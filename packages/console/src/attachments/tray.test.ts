import type { Attachment } from "@anywire/types";
import { expect, test, vi } from "vitest";
import { createTray, reasonToWait, type Tray, type Upload } from "./tray.ts";

/** One upload, and what it was started with. */
interface Started extends PromiseWithResolvers<Attachment> {
  readonly file: File;
  readonly options: Parameters<Upload>[1];
}

function trayOfTest(): { tray: Tray; started: Started[] } {
  const started: Started[] = [];
  const upload: Upload = (file, options) => {
    const one = { ...Promise.withResolvers<Attachment>(), file, options };
    started.push(one);
    return one.promise;
  };
  return { tray: createTray(upload), started };
}

const stored = (name: string): Attachment =>
  ({ url: `/v1/attachments/${name}`, name, mimeType: "text/plain", sizeBytes: 5 }) as Attachment;

const file = (name: string): File => new File(["hello"], name, { type: "text/plain" });

const names = (tray: Tray): string[] => tray.getState().map((one) => one.file.name);

test("files are uploaded at once, and taken as parts in the order in which they came", async () => {
  const { tray, started } = trayOfTest();
  tray.add([file("a"), file("b")]);
  expect(started.map((one) => one.file.name)).toEqual(["a", "b"]);
  expect(reasonToWait(tray.getState())).toContain("uploaded");
  for (const { resolve, file } of started.toReversed()) resolve(stored(file.name));
  await vi.waitUntil(() => reasonToWait(tray.getState()) === undefined);
  expect(tray.take()).toMatchObject([
    { type: "file", name: "a" },
    { type: "file", name: "b" },
  ]);
  expect(tray.getState()).toEqual([]);
});

test("it is told how far an upload is", () => {
  const { tray, started } = trayOfTest();
  const told = vi.fn();
  tray.add([file("a")]);
  const stop = tray.subscribe(told);
  started[0]?.options.onProgress?.({ sentBytes: 3, totalBytes: 5 });
  expect(tray.getState()).toMatchObject([{ sentBytes: 3 }]);
  expect(told).toHaveBeenCalledOnce();
  stop();
  started[0]?.options.onProgress?.({ sentBytes: 5, totalBytes: 5 });
  expect(told).toHaveBeenCalledOnce();
});

test("what is taken away is broken off, and does not come back", async () => {
  const { tray, started } = trayOfTest();
  tray.add([file("a"), file("b")]);
  const [first, second] = tray.getState();
  tray.remove(first?.key ?? 0);
  expect(started[0]?.options.signal?.aborted).toBe(true);
  expect(started[1]?.options.signal?.aborted).toBe(false);
  started[0]?.reject(new Error("aborted"));
  started[1]?.resolve(stored("b"));
  await vi.waitUntil(() => tray.getState()[0]?.attachment !== undefined);
  expect(tray.getState().map(({ key }) => key)).toEqual([second?.key]);
});

test("what is refused stays with its reason until it is sent again or taken away", async () => {
  const { tray, started } = trayOfTest();
  tray.add([file("a")]);
  started[0]?.reject(new Error("too large"));
  await vi.waitUntil(() => tray.getState()[0]?.error !== undefined);
  expect(tray.getState()[0]?.error?.message).toBe("too large");
  expect(reasonToWait(tray.getState())).toContain("remove");
  expect(tray.take()).toEqual([]);
  expect(names(tray)).toEqual(["a"]);
  tray.retry(tray.getState()[0]?.key ?? 0);
  expect(tray.getState()[0]).not.toHaveProperty("error");
  started[1]?.resolve(stored("a"));
  await vi.waitUntil(() => tray.getState()[0]?.attachment !== undefined);
  expect(tray.take()).toMatchObject([{ name: "a" }]);
});
