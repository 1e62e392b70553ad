import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeLog } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createSqliteLog } from "./sqlite-log.ts";

withEngine("sqlite", () => {
  describeLog("sqlite", async () => {
    const directory = await mkdtemp(join(tmpdir(), "anywire-log-"));
    return {
      createNode: (options) => createSqliteLog({ directory, ...options }),
      dispose: () => rm(directory, { recursive: true }),
    };
  });
});
