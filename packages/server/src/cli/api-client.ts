import type { Problem } from "@anywire/types";
import { CliError } from "./cli-error.ts";
import { unreachable } from "./server-url.ts";

/** How long a server may take to answer unless something else is said, ms. */
const TIMEOUT_MS = 30_000;

/** Calls the HTTP API of a server. */
export interface ApiClient {
  /**
   * The answer of a request.
   * @throws {CliError} when no server answers, or when it refuses.
   */
  call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T>;
}

/** Calls the HTTP API of a server with a token. @param timeoutMs how long it may take to answer */
export function createApiClient(url: URL, token: string, timeoutMs = TIMEOUT_MS): ApiClient {
  return {
    async call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
      const response = await send(url, path, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer: unknown = await response.json().catch(() => undefined);
      if (response.ok) return answer as T;
      throw new CliError(
        refusalOf(answer) ?? `the server at ${url.origin} answered ${response.status}`,
      );
    },
  };
}

async function send(url: URL, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(new URL(path, url), init);
  } catch (error) {
    throw isLate(error) ? unanswered(url, error) : unreachable(url, error);
  }
}

/** Whether somebody was there, and took too long: for us, or for `fetch`, which has a limit of its own. */
function isLate(error: unknown): boolean {
  const { name, cause } = Object(error) as { readonly name?: unknown; readonly cause?: unknown };
  const { code } = Object(cause) as { readonly code?: unknown };
  return name === "TimeoutError" || code === "UND_ERR_HEADERS_TIMEOUT";
}

function unanswered(url: URL, cause: unknown): CliError {
  return new CliError(
    `the server at ${url.origin} gave no answer in time; what it was asked for may come about all the same`,
    1,
    { cause },
  );
}

function refusalOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("detail" in answer)) return undefined;
  const { code, detail } = answer as Problem;
  return `the server refused it (${code}): ${detail}`;
}
