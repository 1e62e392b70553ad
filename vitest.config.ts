import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { ClosingLineReporter } from "./scripts/closing-line-reporter.ts";

const conditions = ["@anywire/source", ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts", "e2e/**/*.test.ts"],
    globalSetup: ["scripts/engines/vitest-setup.ts"],
    execArgv: ["--conditions=@anywire/source"],
    reporters: ["default", new ClosingLineReporter()],
    // Most tests wait for another process or a disk, not for a processor.
    maxWorkers: 3,
    testTimeout: 20_000,
  },
});
