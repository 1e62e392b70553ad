import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { type DynamodbBackend, dynamodbBackend } from "./dynamodb-backend.fixture.ts";
import { DynamodbTable } from "./dynamodb-table.ts";
import { itemKey, versionKey } from "./row-keys.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import { toAttributes } from "./state-row.ts";

const ADDRESS = { partition: "p.group.a", sort: "m:1" };

/** Puts the versions of one item, the newest last. */
async function setUp(
  backend: DynamodbBackend,
  ...versions: [version: number, json?: string, expiresAt?: number][]
) {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const { table: name, endpoint } = backend;
  const table = new DynamodbTable({ table: name, endpoint, region: "local", credentials });
  await table.open();
  for (const [i, [version, json, expiresAt]] of versions.entries()) {
    const isNewest = i === versions.length - 1;
    const key = isNewest ? itemKey(1, ADDRESS) : versionKey(1, ADDRESS, version);
    const Item = toAttributes(key, ADDRESS.sort, { version, json }, expiresAt);
    await backend.client().send(new PutItemCommand({ TableName: name, Item }));
  }
  const reader = new SnapshotReader(table);
  return async (position: number) => {
    const at = { generation: 1, position };
    const [got] = await reader.get([ADDRESS], at);
    const listed = await reader.list({ partition: ADDRESS.partition, prefix: "m:" }, at);
    expect(listed.map(({ json }) => json)).toEqual(got?.json === undefined ? [] : [got.json]);
    return got?.json;
  };
}

withEngine("dynamodb", (endpoint) => {
  it("gives the version that an item had at a position, also before it was and after it was gone", async () => {
    const backend = dynamodbBackend(endpoint);
    const read = await setUp(backend, [3, "1"], [5], [8, "2"], [9, "3"], [12]);
    const found = await Promise.all([2, 3, 4, 5, 7, 8, 9, 11, 12, 99].map(read));
    const none = undefined;
    expect(found).toEqual([none, "1", "1", none, none, "2", "3", "3", none, none]);
    await backend.dispose();
  });

  it("takes no earlier version for right that should be gone by now", async () => {
    const backend = dynamodbBackend(endpoint);
    const nowS = Math.floor(Date.now() / 1_000);
    const read = await setUp(backend, [3, "1", nowS - 10], [8, "2", nowS + 60], [9, "3"]);
    expect([await read(5), await read(8)]).toEqual([undefined, "2"]);
    await backend.dispose();
  });
});
