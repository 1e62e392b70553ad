import { AnywireError } from "@anywire/types";
import { describe, expect, test } from "vitest";
import { streamOf } from "./create-test-app.fixture.ts";
import { readJsonBody, readOptionalJsonBody } from "./json-body.ts";

const LIMITS = { maxBodyBytes: 100, maxDepth: 3 };

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

function request(body: Body, headers: Record<string, string> = {}): Request {
  const init = { method: "POST", body, duplex: "half" };
  return new Request("http://localhost/", {
    ...init,
    headers: { "content-type": "application/json", ...headers },
  });
}

async function codeOf(read: Promise<unknown>): Promise<string> {
  const thrown: unknown = await read.catch((error: unknown) => error);
  return thrown instanceof AnywireError ? thrown.code : "read";
}

/** An endless body that counts what is taken from it. */
function endlessBody(): { body: ReadableStream<Uint8Array>; pulled: () => number } {
  let chunks = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1;
      controller.enqueue(new Uint8Array(40).fill(32));
    },
  });
  return { body, pulled: () => chunks };
}

test("JSON is read, whole or in chunks, with or without a charset", async () => {
  const chunks = ['{"te', 'xt":', '"grüß"}'].map((text) => new TextEncoder().encode(text));
  expect(await readJsonBody(request('{"text":"hi"}'), LIMITS)).toEqual({ text: "hi" });
  expect(await readJsonBody(request(streamOf(...chunks)), LIMITS)).toEqual({
    text: "grüß",
  });
  const typed = request("[1]", { "content-type": 'Application/JSON; charset="UTF-8"' });
  expect(await readJsonBody(typed, LIMITS)).toEqual([1]);
});

describe("a body over the limit is refused", () => {
  test("unread when it says its length", async () => {
    const { body, pulled } = endlessBody();
    const read = readJsonBody(request(body, { "content-length": "101" }), LIMITS);
    expect(await codeOf(read)).toBe("too_large");
    expect(pulled()).toBeLessThanOrEqual(1);
  });

  test("as soon as the limit is passed when it does not", async () => {
    const { body, pulled } = endlessBody();
    expect(await codeOf(readJsonBody(request(body), LIMITS))).toBe("too_large");
    expect(pulled()).toBeLessThanOrEqual(5);
  });

  test("also when chunks come with a length that says otherwise", async () => {
    const { body } = endlessBody();
    const headers = { "content-length": "5", "transfer-encoding": "chunked" };
    expect(await codeOf(readJsonBody(request(body, headers), LIMITS))).toBe("too_large");
  });

  test("and one of exactly the limit is not", async () => {
    const text = JSON.stringify("x".repeat(98));
    expect(await codeOf(readJsonBody(request(text), LIMITS))).toBe("read");
    expect(await codeOf(readJsonBody(request(`${text} `), LIMITS))).toBe("too_large");
  });
});

test("nesting is limited before anything walks down it", async () => {
  expect(await codeOf(readJsonBody(request('[{"a":[1]}]'), LIMITS))).toBe("read");
  expect(await codeOf(readJsonBody(request('[{"a":[[1]]}]'), LIMITS))).toBe("too_large");
  const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
  const read = readJsonBody(request(deep), { ...LIMITS, maxBodyBytes: 2_000_000 });
  expect(await codeOf(read)).toBe("too_large");
});

test.each([
  ["nothing", ""],
  ["half of it", '{"a":'],
  ["a byte-order mark", "\ufeff{}"],
  ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
  ["half a character", new Uint8Array([0x22, 0xc3, 0x22])],
])("%s is not JSON", async (_, body) => {
  expect(await codeOf(readJsonBody(request(body), LIMITS))).toBe("bad_request");
});

test.each([
  "text/plain",
  "application/json; charset=utf-16",
  "application/jsonp",
  "",
  "multipart/form-data",
])("the content-type %j is refused", async (type) => {
  const read = readJsonBody(request("{}", { "content-type": type }), LIMITS);
  expect(await codeOf(read)).toBe("bad_request");
});

test("a body that breaks off is the client's fault, not ours", async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  expect(await codeOf(readJsonBody(request(broken), LIMITS))).toBe("bad_request");
});

test("where a body may be left out, its type may be too; what has one says what it is", async () => {
  const bare = (body: ReadableStream<Uint8Array>): Request =>
    new Request("http://localhost/", { method: "POST", body, duplex: "half" } as RequestInit);
  expect(await readOptionalJsonBody(bare(streamOf()), LIMITS)).toBeUndefined();
  expect(await readOptionalJsonBody(request(streamOf()), LIMITS)).toBeUndefined();
  expect(await readOptionalJsonBody(request("{}"), LIMITS)).toEqual({});
  const untyped = bare(streamOf(new TextEncoder().encode("{}")));
  expect(await codeOf(readOptionalJsonBody(untyped, LIMITS))).toBe("bad_request");
});
