import { expect, test } from "vitest";
import { readBody } from "./body-bytes.ts";

const MAX_BYTES = 10;

/** Text that comes in these pieces, and how many of them were asked for. */
function pieces(...texts: readonly string[]) {
  const asked = { count: 0 };
  const left = texts.map((text) => new TextEncoder().encode(text));
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        asked.count += 1;
        const next = left.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(next);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, asked };
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test.each([
  ["within the first piece", 2, "he"],
  ["across pieces", 4, "hell"],
  ["longer than the body", 99, "hello"],
  ["of nothing", 0, ""],
])("a sample %s is at hand, and all bytes come after it once", async (_name, size, expected) => {
  const { sample, all } = await readBody(
    pieces("he", "l", "lo").stream,
    undefined,
    MAX_BYTES,
    size,
  );
  expect(Buffer.from(sample).toString()).toBe(expected);
  expect(await textOf(all)).toBe("hello");
});

test("no more is read ahead than the sample takes", async () => {
  const { stream, asked } = pieces("he", "l", "lo");
  await readBody(stream, undefined, MAX_BYTES, 3);
  expect(asked.count).toBe(2);
});

test("a request without a body has no bytes", async () => {
  const { sample, all } = await readBody(null, undefined, MAX_BYTES, 4);
  expect([sample.byteLength, await textOf(all)]).toEqual([0, ""]);
});

test("what says that it is too large is refused unread", async () => {
  const { stream, asked } = pieces("x");
  await expect(readBody(stream, 11, MAX_BYTES, 4)).rejects.toMatchObject({ code: "too_large" });
  expect(asked.count).toBe(0);
});

test.each([5, 0, -1, Number.NaN])(
  "what says that it has %s bytes is refused all the same when it turns out too large",
  async (length) => {
    const { stream, asked } = pieces("hello", "hello", "!", "never");
    const { all } = await readBody(stream, length, MAX_BYTES, 4);
    await expect(textOf(all)).rejects.toMatchObject({ code: "too_large" });
    expect(asked.count).toBe(3);
  },
);

test("exactly as much as is allowed passes", async () => {
  const { all } = await readBody(pieces("hello", "hello").stream, undefined, MAX_BYTES, 4);
  expect(await textOf(all)).toBe("hellohello");
});

test("a body that breaks off is the sender's fault, whether in the sample or behind it", async () => {
  const lost = new Error("the connection was lost");
  const broken = () => {
    let isBegun = false;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (isBegun) throw lost;
        isBegun = true;
        controller.enqueue(new TextEncoder().encode("he"));
      },
    });
  };
  const fault = { code: "bad_request", cause: lost };
  await expect(readBody(broken(), undefined, MAX_BYTES, 4)).rejects.toMatchObject(fault);
  const { all } = await readBody(broken(), undefined, MAX_BYTES, 2);
  await expect(textOf(all)).rejects.toMatchObject(fault);
});
