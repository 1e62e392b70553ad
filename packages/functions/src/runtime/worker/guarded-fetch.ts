import { lookup } from "node:dns";
import { createRequire } from "node:module";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { AnywireError } from "@anywire/types";
import type { FunctionFetchInit } from "../../author/context.ts";
import type { AddressGuard } from "./address-guard.ts";
import { currentRun, type WorkerRun } from "./worker-run.ts";

/** How long a request may take when nothing is said, ms. */
const TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 300_000;

type Fetch = (input: string | URL | Request, init?: FunctionFetchInit) => Promise<Response>;

/**
 * Has this thread's `fetch`, `WebSocket` and `EventSource` connect to no address that `mayReach` refuses. It is asked about the very
 * address that is connected to, so that neither a redirect nor a name that resolves otherwise the second time gets around it.
 */
export function guardNetwork(mayReach: AddressGuard): void {
  const original = globalThis.fetch;
  let isGuarded = false;
  // Most functions fetch nothing, and what does the guarding takes its time to load.
  const guard = () => {
    if (isGuarded) return;
    isGuarded = true;
    installDispatcher(mayReach);
  };
  const fetch: Fetch = async (input, init) => {
    guard();
    return await fetchWithin(currentRun(), original, input, init);
  };
  globalThis.fetch = fetch as typeof globalThis.fetch;
  for (const name of ["WebSocket", "EventSource"] as const) guardClass(name, guard);
}

/** The `fetch` of a run's context: also when it is called later, from outside of it. */
export function fetchOf(run: WorkerRun): Fetch {
  return (input, init) => run.within(() => globalThis.fetch(input, init));
}

function guardClass(name: "WebSocket" | "EventSource", guard: () => void): void {
  const original = globalThis[name] as unknown as (new (...args: never[]) => object) | undefined;
  if (original === undefined) return;
  const guarded = new Proxy(original, {
    construct(target, args: never[], newTarget) {
      guard();
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  Object.defineProperty(globalThis, name, { value: guarded });
}

function installDispatcher(mayReach: AddressGuard): void {
  const { Agent, buildConnector, setGlobalDispatcher } = createRequire(import.meta.url)(
    "undici",
  ) as typeof import("undici");
  const connect = buildConnector({ lookup: guardedLookup(mayReach) });
  setGlobalDispatcher(
    new Agent({
      connect(options, callback) {
        // A literal address is never looked up.
        const host = options.hostname.replace(/^\[|\]$/g, "");
        if (isIP(host) !== 0 && !mayReach(host)) callback(refusal(host, host), null);
        else connect(options, callback);
      },
    }),
  );
}

function guardedLookup(mayReach: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const reached = addresses?.filter(({ address }) => mayReach(address)) ?? [];
      const [first] = reached;
      if (error !== null) callback(error, "");
      else if (first === undefined) callback(refusal(hostname, addresses[0]?.address ?? ""), "");
      else if (options.all === true) callback(null, reached);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(hostname: string, address: string): AnywireError {
  const host = hostname === address ? address : `${hostname} (${address})`;
  return new AnywireError(
    "permission_denied",
    `${host} is a private address, which functions may not reach unless functions.allowedAddresses has it`,
  );
}

async function fetchWithin(
  run: WorkerRun | undefined,
  fetch: typeof globalThis.fetch,
  input: string | URL | Request,
  { timeoutMs = TIMEOUT_MS, ...init }: FunctionFetchInit = {},
): Promise<Response> {
  run?.count("fetch");
  const request = new Request(input, init);
  if (!/^https?:/.test(request.url)) {
    const message = `fetch was given ${request.url.slice(0, 200)}; only http and https are fetched`;
    throw new AnywireError("bad_request", message);
  }
  if (run?.discarded !== undefined && request.method !== "GET" && request.method !== "HEAD") {
    run.discarded.note("fetch", [
      request.method,
      request.url,
      (await request.text()).slice(0, 65_536),
    ]);
    return new Response(null, { status: 202 });
  }
  const signals = [request.signal, AbortSignal.timeout(checkTimeout(timeoutMs))];
  if (run !== undefined) signals.push(run.end);
  try {
    return await fetch(request, { signal: AbortSignal.any(signals) });
  } catch (thrown) {
    throw refusalIn(thrown) ?? thrown;
  }
}

function checkTimeout(timeoutMs: number): number {
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS)
    return timeoutMs;
  const message = `timeoutMs of fetch must be a whole number from 1 to ${MAX_TIMEOUT_MS}`;
  throw new AnywireError("bad_request", message);
}

/** What refused a connection, beneath "fetch failed". */
function refusalIn(thrown: unknown): AnywireError | undefined {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const causes = cause instanceof AggregateError ? cause.errors : [cause];
  return causes.find((each) => each instanceof AnywireError);
}
