import { expect, it } from "vitest";
import { type FoundRows, JoinedReads } from "./joined-reads.ts";
import { nameOfKey, type RowKey } from "./row-keys.ts";

/** Reads that are answered when the test says so. */
function setUp(maxKeys = 4) {
  const requests: { keys: string; answer(): void; fail(error: Error): void }[] = [];
  const joined = new JoinedReads(maxKeys, (keys) => {
    return new Promise<FoundRows>((resolve, reject) => {
      const rows = keys.map((key) => [nameOfKey(key), { v: { S: key.sk } }] as const);
      requests.push({
        keys: keys.map(({ sk }) => sk).join(""),
        answer: () => resolve(new Map(rows)),
        fail: reject,
      });
    });
  });
  /** Reads a row for each letter. */
  const read = async (letters: string): Promise<string> => {
    const keys: RowKey[] = [...letters].map((sk) => ({ pk: "p", sk }));
    const found = await joined.read(keys);
    return keys.map((key) => found.get(nameOfKey(key))?.["v"]?.S).join("");
  };
  return { requests, read };
}

/** Until what was read in this turn has gone out. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

it("makes one request of what is read in one turn, with each key once", async () => {
  const { requests, read } = setUp();
  const reads = [read("a")];
  for (let i = 0; i < 5; i += 1) await undefined;
  reads.push(read("ab"), read("cb"));
  await turn();
  expect(requests.map(({ keys }) => keys)).toEqual(["abc"]);
  requests[0]?.answer();
  expect(await Promise.all(reads)).toEqual(["a", "ab", "cb"]);
});

it("makes several requests of more keys than one takes, and tears no read apart", async () => {
  const { requests, read } = setUp();
  const reads = ["abc", "ad", "de", "efgh", "i"].map(read);
  await turn();
  expect(requests.map(({ keys }) => keys)).toEqual(["abcd", "de", "efgh", "i"]);
  for (const { answer } of requests) answer();
  expect(await Promise.all(reads)).toEqual(["abc", "ad", "de", "efgh", "i"]);
});

it("never joins a read to a request that has begun", async () => {
  const { requests, read } = setUp();
  const first = read("a");
  await turn();
  const second = read("a");
  await turn();
  expect(requests.map(({ keys }) => keys)).toEqual(["a", "a"]);
  for (const { answer } of requests) answer();
  expect(await Promise.all([first, second])).toEqual(["a", "a"]);
});

it("gathers what is read while four requests are under way", async () => {
  const { requests, read } = setUp();
  const reads: Promise<string>[] = [];
  for (const letters of ["a", "b", "c", "d", "e", "f", "g"]) {
    reads.push(read(letters));
    await turn();
  }
  expect(requests.map(({ keys }) => keys)).toEqual(["a", "b", "c", "d"]);
  requests[2]?.answer();
  await reads[2];
  await turn();
  expect(requests.map(({ keys }) => keys)).toEqual(["a", "b", "c", "d", "efg"]);
  for (const { answer } of requests) answer();
  expect((await Promise.all(reads)).join("")).toBe("abcdefg");
});

it("tells all readers of a request that it failed, and those who have waited as long, but no later ones", async () => {
  const { requests, read } = setUp(1);
  const failing = ["a", "b", "c", "d", "e", "f"].map(read);
  const settled = Promise.allSettled(failing.filter((_, i) => i !== 3));
  await turn();
  const later = read("g");
  const error = new Error("out of reach");
  for (const { fail } of requests.filter(({ keys }) => keys !== "d")) fail(error);
  for (const one of await settled) expect(one).toEqual({ status: "rejected", reason: error });
  requests[3]?.answer();
  expect(await failing[3]).toBe("d");
  await turn();
  expect(requests.map(({ keys }) => keys)).toEqual(["a", "b", "c", "d", "g"]);
  requests[4]?.answer();
  expect(await later).toBe("g");
});
