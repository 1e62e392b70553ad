import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with `N passed, N failed, N skipped` alone on a line, which any CI can read, after the reason of each skip. */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        counts[result.state] += 1;
        if (result.state === "skipped")
          console.log(`skipped: ${test.fullName}: ${result.note ?? "no reason given"}`);
      }
    }
    const failed = counts.failed + counts.pending + unhandledErrors.length;
    console.log(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
    if (counts.skipped > 0 && process.env["CI"] === "true") {
      console.log("A skipped test counts as a failure in CI.");
      process.exitCode = 1;
    }
  }
}
