import { afterEach, describe, expect, test, vi } from "vitest";
import { type UploadOptions, type UploadProgress, uploadAttachment } from "./index.ts";
import type { UploadXhr } from "./send-with-xhr.ts";

const STORED = { id: "production.x", url: "/v1/attachments/production.x", sizeBytes: 5 };
const REFUSED = { code: "too_large", detail: "send less" };
const hello = new TextEncoder().encode("hello");
const options = { url: "https://chat.example.org/chat/", token: "t", file: hello };

/** What a server got, and what it is to answer. */
interface Exchange {
  url: string;
  headers: Record<string, string>;
  body: string;
  answer: { status: number; text: string } | "none" | "never";
}

let exchange: Exchange;

function answering(answer: Exchange["answer"]): void {
  exchange = { url: "", headers: {}, body: "", answer };
}

async function fetchOfTest(url: string, init: RequestInit): Promise<Response> {
  const { answer } = exchange;
  Object.assign(exchange, { url, headers: init.headers });
  if (answer === "never") return neverButAborted(init.signal);
  // As `fetch` does: whatever goes wrong is this error.
  const failed = new TypeError("fetch failed");
  const body = await new Response(init.body).text().catch(() => Promise.reject(failed));
  exchange.body = body;
  if (answer === "none") throw failed;
  return new Response(answer.text, { status: answer.status });
}

function neverButAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
  });
}

class XhrOfTest implements UploadXhr {
  status = 0;
  responseText = "";
  readonly upload: UploadXhr["upload"] = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onabort: (() => void) | null = null;

  open(_method: string, url: string): void {
    exchange.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    exchange.headers[name] = value;
  }

  send(body: Blob): void {
    void this.#answer(body, exchange.answer);
  }

  abort(): void {
    this.onabort?.();
  }

  async #answer(body: Blob, answer: Exchange["answer"]): Promise<void> {
    exchange.body = await body.text();
    if (answer === "never") return;
    if (answer === "none") return this.onerror?.();
    for (const loaded of [2, body.size]) this.upload.onprogress?.({ loaded });
    this.status = answer.status;
    this.responseText = answer.text;
    this.onload?.();
  }
}

const ways = [
  { way: "fetch", use: () => vi.stubGlobal("fetch", fetchOfTest) },
  { way: "XMLHttpRequest", use: () => vi.stubGlobal("XMLHttpRequest", XhrOfTest) },
];

afterEach(() => vi.unstubAllGlobals());

describe.each(ways)("an upload with $way", ({ use }) => {
  function upload(answer: Exchange["answer"], more: Partial<UploadOptions> = {}) {
    use();
    answering(answer);
    return uploadAttachment({ ...options, ...more });
  }

  const stored = { status: 201, text: JSON.stringify(STORED) };

  test("sends the bytes with token, type and name, and resolves with what was stored", async () => {
    const given = { name: "Ü & more.txt", type: "text/plain" };
    expect(await upload(stored, given)).toEqual(STORED);
    expect(exchange).toMatchObject({
      url: "https://chat.example.org/chat/v1/attachments?name=%C3%9C+%26+more.txt",
      headers: { authorization: "Bearer t", "content-type": "text/plain" },
      body: "hello",
    });
  });

  test("takes name and type from a file, and says nothing of either where nobody knows them", async () => {
    await upload(stored, { file: new File(["hello"], "a.txt", { type: "text/csv" }) });
    expect(exchange.url).toMatch(/\/attachments\?name=a\.txt$/);
    expect(exchange.headers["content-type"]).toBe("text/csv");
    await upload(stored, { file: new Blob(["hello"]) });
    expect(exchange.url).toMatch(/\/attachments$/);
    expect(exchange.headers["content-type"]).toBe("application/octet-stream");
  });

  test("tells how far it is, up to the size", async () => {
    const told: UploadProgress[] = [];
    await upload(stored, { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toEqual({ sentBytes: 5, totalBytes: 5 });
    expect(exchange.body).toBe("hello");
  });

  test("sends a stream", async () => {
    expect(await upload(stored, { file: streamOf("hel", "lo") })).toEqual(STORED);
    expect(exchange.body).toBe("hello");
  });

  test("rejects with what the stream throws", async () => {
    const lost = new Error("the disk is gone");
    const file = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(lost) });
    await expect(upload(stored, { file })).rejects.toBe(lost);
  });

  test("rejects with the server's own error", async () => {
    const refusal = upload({ status: 413, text: JSON.stringify(REFUSED) });
    await expect(refusal).rejects.toMatchObject({ code: "too_large", message: "send less" });
  });

  test("is no success when the answer has no attachment", async () => {
    await expect(upload({ status: 201, text: "<html>" })).rejects.toMatchObject({
      code: "internal",
    });
    await expect(upload({ ...stored, status: 200 })).rejects.toMatchObject({ code: "internal" });
  });

  test("without an answer is unavailable", async () => {
    await expect(upload("none")).rejects.toMatchObject({ code: "unavailable" });
  });

  test("that is aborted rejects with the reason of the abort, before or on the way", async () => {
    const abort = new AbortController();
    const uploading = upload("never", { signal: abort.signal });
    await vi.waitUntil(() => exchange.url !== "");
    abort.abort();
    await expect(uploading).rejects.toBe(abort.signal.reason);
    await expect(upload(stored, { signal: abort.signal })).rejects.toBe(abort.signal.reason);
    expect(exchange.url).toBe("");
  });

  test("of a stream that does not end can be aborted, and lets go of the stream", async () => {
    const abort = new AbortController();
    const cancel = vi.fn();
    const pulled = Promise.withResolvers<void>();
    const file = new ReadableStream<Uint8Array>({ pull: () => pulled.resolve(), cancel });
    const uploading = upload("never", { file, signal: abort.signal });
    await pulled.promise;
    await new Promise(setImmediate);
    abort.abort();
    await expect(uploading).rejects.toBe(abort.signal.reason);
    expect(cancel).toHaveBeenCalledOnce();
  });
});

test("a stream that is sent with fetch has no size, so that its progress has none either", async () => {
  vi.stubGlobal("fetch", fetchOfTest);
  answering({ status: 201, text: JSON.stringify(STORED) });
  const told: UploadProgress[] = [];
  const onProgress = (progress: UploadProgress) => told.push(progress);
  await uploadAttachment({ ...options, file: streamOf("hel", "lo"), onProgress });
  expect(told).toEqual([{ sentBytes: 3 }, { sentBytes: 5 }]);
});

test("a large file is sent with fetch in pieces, so that its progress can be told", async () => {
  vi.stubGlobal("fetch", fetchOfTest);
  answering({ status: 201, text: JSON.stringify(STORED) });
  const told: number[] = [];
  const onProgress = ({ sentBytes }: UploadProgress) => told.push(sentBytes);
  await uploadAttachment({ ...options, file: new Uint8Array(150_000), onProgress });
  expect(told).toEqual([65_536, 131_072, 150_000]);
});

test("what is sent with fetch is read no further once it is refused", async () => {
  const refused = new Response(JSON.stringify(REFUSED), { status: 413 });
  vi.stubGlobal("fetch", async () => refused);
  const cancel = vi.fn();
  const file = new ReadableStream<Uint8Array>({ cancel });
  await expect(uploadAttachment({ ...options, file })).rejects.toMatchObject({ code: "too_large" });
  expect(cancel).toHaveBeenCalledOnce();
});

test("a token that can be renewed is renewed before it runs out", async () => {
  vi.stubGlobal("fetch", fetchOfTest);
  answering({ status: 201, text: JSON.stringify(STORED) });
  const payload = btoa(JSON.stringify({ exp: Date.now() / 1000 + 60 }));
  const getToken = async () => "new";
  await uploadAttachment({ ...options, token: `e30.${payload}.x`, getToken });
  expect(exchange.headers["authorization"]).toBe("Bearer new");
});

test("nothing is sent without a token or to what is no URL", async () => {
  const { token: _, ...nobody } = options;
  const bad = { code: "bad_request" };
  await expect(uploadAttachment(nobody)).rejects.toMatchObject(bad);
  await expect(uploadAttachment(nobody)).rejects.toThrow("uploadAttachment needs a token");
  await expect(uploadAttachment({ ...options, url: "here" })).rejects.toMatchObject(bad);
});

function streamOf(...texts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}
