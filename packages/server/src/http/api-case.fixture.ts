import type { TestApp, TestRequest } from "./create-test-app.fixture.ts";

/** A request that gets a certain answer. */
export interface ApiCase {
  /** Default: one that all cases share. */
  readonly app?: () => Promise<TestApp>;
  readonly path: string;
  readonly request?: TestRequest;
}
