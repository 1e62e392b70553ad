import { afterEach, expect, test } from "vitest";
import type { Fault } from "../contract/simulator.ts";
import { Faults, SHARED_FAULTS } from "./faults.ts";
import { type NetworkServer, startNetworkServer } from "./network-server.ts";
import { WebhookSender } from "./webhook-sender.ts";

const LATE_MS = 100;
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function faultOf(kind: Fault["kind"]): Fault {
  if (kind === "rate_limit") return { kind, retryAfterMs: 1000, times: 1 };
  if (kind === "late_webhook") return { kind, delayMs: LATE_MS, times: 1 };
  return { kind, times: 1 };
}

/** A network that takes everything, and how a send to it ends. */
async function openNetwork(faults: Faults): Promise<(isPatient: boolean) => Promise<string>> {
  const taken = Promise.withResolvers<void>();
  const server: NetworkServer = await startNetworkServer(
    () => {
      taken.resolve();
      return { status: 200, body: "taken" };
    },
    faults,
    {
      isSend: () => true,
      rateLimited: () => ({ status: 429, body: "slower" }),
      serverError: () => ({ status: 500, body: "broken" }),
    },
  );
  opened.push(server);
  return async (isPatient) => {
    const patience = new AbortController();
    if (!isPatient) void taken.promise.then(() => patience.abort());
    try {
      const response = await fetch(server.url, { method: "POST", signal: patience.signal });
      return `${response.status} ${(await response.text()).slice(0, 15)}`;
    } catch {
      return patience.signal.aborted ? "silence" : "broken off";
    }
  };
}

/** What two webhooks become, the second one made at once after the first. */
async function callsOf(faults: Faults): Promise<string> {
  const made: string[] = [];
  const beganAt = Date.now();
  let firstAt = 0;
  const webhooks = new WebhookSender(faults, async ({ body }) => {
    made.push(body);
    if (body === "1") firstAt = Date.now();
    return true;
  });
  for (const body of ["1", "2"]) webhooks.send(() => ({ url: "", headers: {}, body }));
  await webhooks.idle();
  // Timers may go off a moment early.
  return firstAt - beganAt >= LATE_MS - 5 ? "late" : made.join(" ");
}

const STRIKES: Readonly<Record<string, string>> = {
  rate_limit: "429 slower",
  server_error: "500 broken",
  html: "200 <!doctype html>",
  accept_then_hang: "silence",
  accept_then_close: "broken off",
  drop_webhook: "2",
  duplicate_webhook: "1 1 2",
  reorder_webhook: "2 1",
  late_webhook: "late",
};

test.each(SHARED_FAULTS)(
  "%s strikes every network once when it is to, and then no more",
  async (kind) => {
    const faults = new Faults();
    const send = await openNetwork(faults);
    const isCall = kind.endsWith("webhook");
    faults.inject(faultOf(kind));
    expect(await (isCall ? callsOf(faults) : send(kind !== "accept_then_hang"))).toBe(
      STRIKES[kind],
    );
    expect(await (isCall ? callsOf(faults) : send(true))).toBe(isCall ? "1 2" : "200 taken");
  },
);
