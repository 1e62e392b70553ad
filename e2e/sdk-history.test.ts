import type { Centrifuge, HistoryOptions } from "centrifuge";
import { describe, expect, it } from "vitest";
import { connectSdk, DIALECTS, type SdkClient, WEBSOCKET_JSON } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";
const OTHER = "production.group.other";

/** Publishes `1`, `2` … on one channel, each followed by something on another. */
async function publishNumbers({ centrifuge, pack }: SdkClient, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    await Promise.all([
      centrifuge.publish(CHANNEL, pack(n)),
      centrifuge.publish(OTHER, pack("between")),
    ]);
  }
}

/** Reads page after page, each since the last publication of the one before. */
async function readAll(centrifuge: Centrifuge, options: HistoryOptions): Promise<unknown[][]> {
  const pages: unknown[][] = [];
  let { since } = options;
  for (;;) {
    const request = since === undefined ? options : { ...options, since };
    const { publications, epoch } = await centrifuge.history(CHANNEL, request);
    if (publications.length === 0) return pages;
    pages.push(publications.map(({ data }) => data));
    since = { offset: publications.at(-1)?.offset ?? 0, epoch };
  }
}

describe.each(DIALECTS)("history over $name", (dialect) => {
  it("gives pages forwards and backwards, each entry once", async () => {
    const server = await startTestServer();
    const client = await connectSdk(server, { dialect });
    await publishNumbers(client, 7);
    const numbers = (pages: unknown[][]) => pages.map((page) => page.map(client.unpack));
    const forwards = await readAll(client.centrifuge, { limit: 3 });
    expect(numbers(forwards)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    const backwards = await readAll(client.centrifuge, { limit: 3, reverse: true });
    expect(numbers(backwards)).toEqual([[7, 6, 5], [4, 3, 2], [1]]);
  });

  it("gives only the position for limit 0, and everything for -1", async () => {
    const server = await startTestServer();
    const client = await connectSdk(server, { dialect });
    await publishNumbers(client, 3);
    const position = await client.centrifuge.history(CHANNEL, { limit: 0 });
    expect(position).toEqual({ publications: [], epoch: expect.any(String), offset: 5 });
    const { publications } = await client.centrifuge.history(CHANNEL, { limit: -1 });
    expect(publications.map(({ data }) => client.unpack(data))).toEqual([1, 2, 3]);
  });
});

describe("history", () => {
  it("refuses a position of another log instead of giving wrong entries", async () => {
    const server = await startTestServer();
    const client = await connectSdk(server, { dialect: WEBSOCKET_JSON });
    await publishNumbers(client, 1);
    const since = { offset: 1, epoch: "another" };
    await expect(client.centrifuge.history(CHANNEL, { limit: 1, since })).rejects.toMatchObject({
      code: 112,
      message: "the position is of another log (epoch another); read from the start",
    });
  });

  it("is only for those who may subscribe", async () => {
    const server = await startTestServer();
    const token = await server.token("bob", { subscribe: [OTHER] });
    const { centrifuge } = await connectSdk(server, { token });
    await expect(centrifuge.history(CHANNEL, { limit: 1 })).rejects.toMatchObject({ code: 103 });
    await expect(centrifuge.history(OTHER, { limit: 1 })).resolves.toMatchObject({ offset: 0 });
  });
});
