import { type EntriesPage, entriesPageSchema } from "@anywire/types";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { createTestApp, type TestApp } from "./create-test-app.fixture.ts";

const LOBBY = "production.group.lobby";
let server: TestApp;

beforeEach(async () => {
  server = await createTestApp();
});

async function append(channel: string, id: string, data: unknown, client?: string): Promise<void> {
  await server.log.append({
    channel,
    id,
    kind: "data",
    sender: "account:bob",
    dataJson: JSON.stringify(data),
    ...(client === undefined ? {} : { client }),
  });
}

async function page(pattern: string, query: Record<string, string> = {}): Promise<EntriesPage> {
  const path = `/v1/channels/${encodeURIComponent(pattern)}/entries?${new URLSearchParams(query)}`;
  const answer = await server.send(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  return entriesPageSchema.parse(await answer.json());
}

/** Follows the cursor to the end. */
async function walk(pattern: string, order: "asc" | "desc", limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const start = cursor === undefined ? {} : { [order === "asc" ? "after" : "before"]: cursor };
    const next = await page(pattern, { order, limit: String(limit), ...start });
    ids.push(...next.entries.map(({ id }) => id));
    cursor = next.cursor;
  } while (cursor !== undefined);
  return ids;
}

test("an empty channel is an empty page of the log's epoch", async () => {
  expect(await page(LOBBY)).toEqual({ entries: [], epoch: server.log.epoch });
});

test("following the cursor gives each entry once, in either direction, at any page size", async () => {
  const ids = Array.from({ length: 7 }, (_, i) => `m${i}`);
  for (const id of ids) await append(LOBBY, id, null);
  for (const limit of [1, 3, 7, 8]) {
    expect(await walk(LOBBY, "asc", limit)).toEqual(ids);
    expect(await walk(LOBBY, "desc", limit)).toEqual(ids.toReversed());
  }
});

test("the last page has no cursor, also when it is full", async () => {
  for (const id of ["a", "b"]) await append(LOBBY, id, null);
  expect((await page(LOBBY, { limit: "1" })).cursor).toBe("1");
  expect(await page(LOBBY, { limit: "2" })).not.toHaveProperty("cursor");
});

test("any JSON comes back as it was stored, whatever its text, and whoever sent it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.string({ unit: "binary" }), async (data, client) => {
      server = await createTestApp();
      await append(LOBBY, "m1", data, client);
      const { entries } = await page(LOBBY);
      expect(entries).toEqual([
        expect.objectContaining({ data: JSON.parse(JSON.stringify(data)), client }),
      ]);
    }),
    { numRuns: 50 },
  );
});

test("a pattern reads many channels in one order, each entry naming its own; a channel's entries don't", async () => {
  await append("production.sms.1", "a", 1);
  await append("production.group.lobby", "b", 2);
  await append("production.sms.2", "c", 3);
  const sms = await page("production.sms.*");
  expect(sms.entries.map(({ channel, id }) => [channel, id])).toEqual([
    ["production.sms.1", "a"],
    ["production.sms.2", "c"],
  ]);
  expect((await page("production.>")).entries).toHaveLength(3);
  expect((await page(LOBBY)).entries[0]).not.toHaveProperty("channel");
});

test("reading needs a subscribe pattern that covers all of what is read", async () => {
  const token = await server.issue({ subscribe: ["production.sms.*"], publish: ["production.>"] });
  const status = async (pattern: string): Promise<number> =>
    (await server.send(`/v1/channels/${pattern}/entries`, { token })).status;
  expect(await status("production.sms.*")).toBe(200);
  expect(await status("production.sms.1")).toBe(200);
  expect(await status("production.group.1")).toBe(403);
  expect(await status("production.%3E")).toBe(403);
  expect(await status("staging.sms.1")).toBe(403);
  expect(await status("production.nonsense.1")).toBe(404);
});

test("a position of another log is refused", async () => {
  const path = `/v1/channels/${LOBBY}/entries?after=1&epoch=`;
  expect((await server.send(path + server.log.epoch)).status).toBe(200);
  const answer = await server.send(`${path}another`);
  expect(answer.status).toBe(410);
  expect(await answer.json()).toMatchObject({ code: "unrecoverable_position" });
});

test.each(["limit=0", "limit=1001", "limit=ten", "after=-1", "order=up", "colour=red", "before=0"])(
  "the query %s is refused, and the answer names the parameter",
  async (query) => {
    const answer = await server.send(`/v1/channels/${LOBBY}/entries?${query}`);
    expect(answer.status).toBe(400);
    expect((await answer.json()).detail).toContain(query.split("=")[0]);
  },
);
