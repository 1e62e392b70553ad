import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStateStore } from "@anywire/testkit";
import { createSqliteEngine } from "./sqlite-log.ts";

describeStateStore("sqlite", async () => {
  const directory = await mkdtemp(join(tmpdir(), "anywire-state-"));
  return {
    createNode: () => createSqliteEngine({ directory, synchronous: "off", pollMs: 5 }),
    dispose: () => rm(directory, { recursive: true }),
  };
});
