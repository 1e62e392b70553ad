import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConsumerTables } from "./consumer-tables.ts";
import { databaseFile, openForWriting } from "./open-database.ts";

const LEASE_MS = 3_000;

describe("the leases of consumers in SQLite", () => {
  let directory: string;
  let dbs: DatabaseSync[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
    directory = mkdtempSync(join(tmpdir(), "anywire-consumer-tables-"));
    dbs = [];
  });

  afterEach(() => {
    for (const db of dbs) db.close();
    rmSync(directory, { recursive: true });
    vi.useRealTimers();
  });

  /** What another process has of the same database. */
  function tables(): ConsumerTables {
    const file = databaseFile(directory);
    const db = openForWriting({ file, synchronous: "off", busyTimeoutMs: 1_000, maxBytes: 0 });
    dbs.push(db);
    return new ConsumerTables(db);
  }

  // After a machine had slept for hours, both of its processes worked a consumer until one of them saved.
  it("are not renewed when they ran out, however long ago, once another has what they were for", () => {
    const [a, b] = [tables(), tables()];
    a.open("worker", "first");
    expect(a.lease("a", ["worker"], LEASE_MS)).toEqual(["worker"]);
    vi.setSystemTime(Date.now() + 24 * 3_600_000);
    expect(b.lease("b", ["worker"], LEASE_MS)).toEqual(["worker"]);
    expect(a.lease("a", [], LEASE_MS)).toBeNull();
  });

  it("are renewed after they ran out when nobody has ended them", () => {
    const [a, b] = [tables(), tables()];
    a.open("worker", "first");
    a.lease("a", ["worker"], LEASE_MS);
    vi.setSystemTime(Date.now() + LEASE_MS);
    expect(a.lease("a", [], LEASE_MS)).toEqual([]);
    expect(b.lease("b", ["worker"], LEASE_MS)).toEqual([]);
  });

  it("leave nothing behind when they ran out", () => {
    const a = tables();
    a.lease("a", [], LEASE_MS);
    vi.setSystemTime(Date.now() + LEASE_MS);
    a.lease("b", [], LEASE_MS);
    expect(dbs[0]?.prepare("SELECT holder FROM consumer_holders").all()).toEqual([{ holder: "b" }]);
  });
});
