import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with `N passed, N failed, N skipped` alone on a line, which any CI can read, after the reason of each skip. */
export class ClosingLineReporter implements Reporter {
  readonly #skips: readonly string[];

  /** `skips`: what does not run at all, and why; each counts as one skipped test. */
  constructor(skips: readonly string[] = []) {
    this.#skips = skips;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: this.#skips.length, pending: 0 };
    for (const skip of this.#skips) console.log(`skipped: ${skip}`);
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
