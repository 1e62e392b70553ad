import { expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { dynamodbBackend } from "./dynamodb-backend.fixture.ts";
import { DynamodbTable } from "./dynamodb-table.ts";
import { type Faults, killed, withFaults } from "./faulty-client.fixture.ts";

const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const keyOf = (i: number) => ({ pk: "p", sk: String(i) });

withEngine("dynamodb", (endpoint) => {
  /** A table with rows 0 to 149, every third one missing; `requests` has one for each request that is no write. */
  async function setUp() {
    const backend = dynamodbBackend(endpoint);
    let faults: Faults = () => "passes";
    const requests: boolean[] = [];
    const configure = withFaults((isWrite) => {
      if (!isWrite) requests.push(isWrite);
      return faults(isWrite);
    }, killed);
    const options = { table: backend.table, endpoint, region: "local", credentials, configure };
    const table = new DynamodbTable(options);
    await table.open();
    const rows = Array.from({ length: 150 }, (_, i) => ({ pk: { S: "p" }, sk: { S: String(i) } }));
    await table.putMany(rows.filter((_, i) => i % 3 !== 0));
    requests.length = 0;
    const setFaults = (next: Faults): void => {
      faults = next;
    };
    return { backend, table, requests, setFaults };
  }

  it("reads the rows of many callers in few requests, and gives each its own", async () => {
    const { backend, table, requests } = await setUp();
    const wanted = Array.from({ length: 300 }, (_, i) => [i % 150, (i + 1) % 150, (i + 2) % 150]);
    const found = await Promise.all(wanted.map((some) => table.getMany(some.map(keyOf))));
    expect(requests).toHaveLength(4);
    for (const [i, rows] of found.entries()) {
      const own = wanted[i]?.map((one) => (one % 3 === 0 ? undefined : String(one)));
      expect(rows.map((row) => row?.["sk"]?.S)).toEqual(own);
    }
    expect(await table.getMany([])).toEqual([]);
    const all = await table.getMany(Array.from({ length: 150 }, (_, i) => keyOf(i)));
    expect(all.filter((row) => row !== undefined)).toHaveLength(100);
    expect(requests).toHaveLength(6);
    table.close();
    await backend.dispose();
  });

  it("tells every caller whose read was joined to one that failed", async () => {
    const { backend, table, requests, setFaults } = await setUp();
    setFaults(() => "request lost");
    const reads = Array.from({ length: 20 }, (_, i) => table.getMany([keyOf(i)]));
    const failed = { status: "rejected", reason: { code: "internal" } };
    expect(await Promise.allSettled(reads)).toMatchObject(reads.map(() => failed));
    expect(requests).toHaveLength(1);
    setFaults(() => "passes");
    expect((await table.getMany([keyOf(1)]))[0]).toBeDefined();
    table.close();
    await backend.dispose();
  });
});
