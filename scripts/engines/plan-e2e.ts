import type { EngineChoices } from "./choose-engines.ts";
import type { EngineName } from "./engine-servers.ts";

/** A bundle of drivers, as the configuration names it. */
export type E2eEngine = "memory" | "embedded" | "cluster";

declare module "vitest" {
  interface ProvidedContext {
    /** What `startTestServer` starts for tests that do not say. */
    e2eEngine: E2eEngine;
  }
}

/** What each bundle is made of. */
const PARTS: Readonly<Record<E2eEngine, readonly EngineName[]>> = {
  memory: ["memory"],
  embedded: ["sqlite"],
  cluster: ["nats", "dynamodb"],
};

const BUNDLES: readonly E2eEngine[] = ["memory", "embedded", "cluster"];

/** The bundles that the end-to-end tests can run on, and why not on the others. */
export function planE2e(choices: EngineChoices): { runs: E2eEngine[]; skips: string[] } {
  const runs: E2eEngine[] = [];
  const skips: string[] = [];
  for (const engine of BUNDLES) {
    const reasons = PARTS[engine].flatMap((part) => {
      const choice = choices[part];
      return "missing" in choice ? [`${part}: ${choice.missing}`] : [];
    });
    if (reasons.length === 0) runs.push(engine);
    else skips.push(`e2e on ${engine}: ${reasons.join("; ")}`);
  }
  return { runs, skips };
}
