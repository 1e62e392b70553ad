import { AnywireError } from "@anywire/types";
import type { FunctionContext } from "../context.ts";

/** Answers what a function fetches, in place of the world. */
export type TestFetch = (request: Request) => Response | Promise<Response>;

/** A request that a function sent. */
export interface TestRequest {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text. */
  readonly body: string;
}

/** The `fetch` of a context: notes each request, and answers with what the test gave. */
export function createTestFetch(
  requests: TestRequest[],
  answer: TestFetch = refuse,
): FunctionContext["fetch"] {
  return async (input, { timeoutMs: _, ...init } = {}) => {
    const request = new Request(input, init);
    if (!/^https?:/.test(request.url)) {
      const message = `fetch was given ${request.url}; only http and https are fetched`;
      throw new AnywireError("bad_request", message);
    }
    requests.push({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: await request.clone().text(),
    });
    return await answer(request);
  };
}

function refuse({ method, url }: Request): never {
  throw new Error(
    `the function fetched ${method} ${url}, but a test reaches nothing outside; give it an answer: { fetch: (request) => Response.json({ … }) }`,
  );
}
