import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { ClosingLineReporter } from "./scripts/closing-line-reporter.ts";
import { chooseEngines } from "./scripts/engines/choose-engines.ts";
import { planE2e } from "./scripts/engines/plan-e2e.ts";
import { SpreadSequencer } from "./scripts/spread-sequencer.ts";

// Without "module": what bundlers read there, Node need not be able to.
const conditions = [
  "@anywire/source",
  ...defaultServerConditions.filter((condition) => condition !== "module"),
];
const { runs, skips } = planE2e(chooseEngines());

/** End-to-end tests that bring a server of their own kind along, or look at one whatever its engine is. */
const ONCE = [
  "e2e/{browser,crash}/**/*.test.ts",
  "e2e/{attachments,cluster-rights,damaged-storage,examples,full-disk,functions-bad-input,functions-inspect,functions-roles,networks-roles,port-in-use}.test.ts",
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: ["scripts/engines/vitest-setup.ts"],
    execArgv: ["--conditions=@anywire/source"],
    // Servers under test start threads, each of which would compile everything anew.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
    reporters: ["default", new ClosingLineReporter(skips)],
    // Most tests wait for another process or a disk, not for a processor.
    maxWorkers: 3,
    sequence: { sequencer: SpreadSequencer },
    testTimeout: 20_000,
    projects: [
      {
        test: {
          name: "once",
          include: [
            "packages/*/src/**/*.test.{ts,tsx}",
            "scripts/**/*.test.ts",
            "examples/**/*.test.ts",
            ...ONCE,
          ],
          provide: { e2eEngine: "embedded" },
        },
      },
      ...runs.map((engine) => ({
        test: {
          name: `e2e on ${engine}`,
          include: ["e2e/**/*.test.ts"],
          exclude: ONCE,
          provide: { e2eEngine: engine },
        },
      })),
    ],
  },
});
