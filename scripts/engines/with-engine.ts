import { describe, inject, it } from "vitest";
import type { EngineName } from "./engine-servers.ts";

/** Where an engine is that tests run on, or why they don't. The address is empty for one inside the process. */
export type EngineAddress = { readonly url: string } | { readonly missing: string };

declare module "vitest" {
  interface ProvidedContext {
    /** What this run tests drivers on. */
    engines: Readonly<Record<EngineName, EngineAddress>>;
  }
}

/** Declares tests of a driver: skipped, with the reason, where this run has not what the driver needs. */
export function withEngine(name: EngineName, declare: (url: string) => void): void {
  const engine = inject("engines")[name];
  if ("url" in engine) declare(engine.url);
  else describe(`on ${name}`, () => it("runs", ({ skip }) => skip(engine.missing)));
}
