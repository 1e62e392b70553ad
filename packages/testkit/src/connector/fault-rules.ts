import { type Fault, isReconciling, type SendJob, type SendResult } from "@anywire/connectors";
import { DELIVERY_ERRORS } from "@anywire/types";
import type { ConnectorRule } from "./connector-rule.ts";
import { expectEqual, expectThat, show } from "./expect-that.ts";
import { undeclared } from "./says-nothing.ts";
import { onStage, type Stage, sameText } from "./stage.ts";

/** What a passing trouble of the network may be called: all else would end the delivery. */
const PASSING = ["network", "rate_limited", "unknown"];

/** What a connector makes of a network that fails. */
export const faultRules: readonly ConnectorRule[] = [
  {
    name: "says rejected, and when to come back, when the network wants it slower",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const job = stage.job(await stage.meet(), "too fast");
        const result = await struck(stage, job, {
          kind: "rate_limit",
          retryAfterMs: 2000,
          times: 1,
        });
        expectThat(
          result.outcome === "rejected" && result.class === "rate_limited",
          `429 must be rejected as rate_limited, not ${show(result)}`,
        );
        const { retryAfterMs = 0 } = result;
        expectThat(
          retryAfterMs >= 1000 && retryAfterMs <= 10_000,
          `the network asked for 2,000 ms, and retryAfterMs is ${retryAfterMs}`,
        );
        await goesOn(stage, job);
      }),
  },
  {
    name: "says a time that is one, or none, when the network names a date to come back at",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const job = stage.job(await stage.meet(), "too fast by the calendar");
        const fault = { kind: "rate_limit", retryAfterMs: 5000, times: 1, asDate: true } as const;
        const result = await struck(stage, job, fault);
        const { retryAfterMs = 1 } = result.outcome === "rejected" ? result : {};
        expectThat(
          Number.isFinite(retryAfterMs) && retryAfterMs > 0,
          `Retry-After was a date, and retryAfterMs is ${retryAfterMs}; read it with retryAfterMs() of @anywire/connectors/wire`,
        );
        await goesOn(stage, job);
      }),
  },
  ...(["server_error", "html"] as const).map(
    (kind): ConnectorRule => ({
      name:
        kind === "html"
          ? "never says accepted when a page of HTML comes instead of an answer"
          : "never says accepted when the network breaks, and leaves trying again to the host",
      run: (subject) =>
        onStage(subject, async (stage) => {
          const job = stage.job(await stage.meet(), "into the void");
          const result = await struck(stage, job, { kind, times: 1 });
          expectThat(
            result.outcome !== "rejected" || PASSING.includes(result.class),
            `a passing trouble is called ${show(result)}; say ${PASSING.join(" or ")}, so that it is tried again`,
          );
          if (result.outcome === "rejected") await goesOn(stage, job);
        }),
    }),
  ),
  ...(["accept_then_hang", "accept_then_close"] as const).map(
    (kind): ConnectorRule => ({
      name:
        kind === "accept_then_hang"
          ? "says unknown when the message is gone and no answer comes"
          : "says unknown when the connection breaks in the middle of the answer",
      run: (subject) => onStage(subject, (stage) => checkLostAnswer(stage, kind)),
    }),
  ),
  {
    name: "never says of a message that the network has not that it arrived",
    skips: ({ connector }) => (isReconciling(connector) ? undefined : "it has no reconcile()"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context } = stage;
        if (!isReconciling(connector)) return undefined;
        const found = await connector.reconcile(
          stage.job(await stage.meet(), "never sent"),
          context,
        );
        expectThat(found?.outcome !== "accepted", `reconcile made something up: ${show(found)}`);
      }),
  },
  {
    name: "sends a message once where it declares that the network honours its key",
    run: (subject) =>
      onStage(subject, async (stage) => {
        if (stage.capabilities.idempotency !== "key") return undeclared('idempotency "key"');
        const job = stage.job(await stage.meet(), "once");
        const first = await stage.deliver(job);
        const second = await stage.deliver({ ...job, attempt: 2 });
        stage.onScreen("once");
        expectEqual(second.externalIds, first.externalIds, "one key, one message, one external id");
      }),
  },
  {
    name: "sends nothing when its signal is aborted already",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const job = stage.job(await stage.meet(), "too late", { signal: AbortSignal.abort() });
        const result = await stage.send(job);
        await stage.idle();
        expectThat(
          result.outcome !== "accepted",
          "a message was sent though its signal was aborted before; heed job.signal",
        );
        consistent(stage, result, 0);
      }),
  },
  {
    name: "says rejected for want of the network when nobody is there",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const job = stage.job(await stage.meet(), "anybody?");
        await stage.simulator.close();
        await heardOfTheEnd();
        const result = await stage.send(job);
        expectThat(
          result.outcome === "rejected" && result.class === "network",
          `the connection was refused, so nothing left: this is rejected as network, not ${show(result)}`,
        );
      }),
  },
];

/** Connections that were kept open are known to be closed: what is sent on one that is not may have arrived, for all one knows. */
async function heardOfTheEnd(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Sends into a fault that keeps the network from taking anything. */
async function struck(stage: Stage, job: SendJob, fault: Fault): Promise<SendResult> {
  stage.simulator.inject(fault);
  const result = await stage.send(job);
  expectThat(
    result.outcome !== "accepted",
    `the network did not take the message (${fault.kind}), and send says ${show(result)}; check the whole answer, and try nothing again: the host does`,
  );
  consistent(stage, result, 0);
  return result;
}

/** What is said of a message must be true. */
function consistent(stage: Stage, result: SendResult, taken: number): void {
  expectEqual(stage.simulator.accepted, taken, "how many messages the network has taken");
  if (result.outcome === "rejected") {
    expectThat(
      DELIVERY_ERRORS.includes(result.class),
      `${show(result.class)} is no class of error`,
    );
  }
  if (result.outcome !== "accepted") {
    expectThat((result.reason ?? "").trim() !== "", "reason is empty; say what to do");
  }
}

/** After the trouble the same delivery goes through. */
async function goesOn(stage: Stage, job: SendJob): Promise<void> {
  await stage.deliver({ ...job, attempt: 2, signal: AbortSignal.timeout(15_000) });
  stage.onScreen(job.content.text);
}

async function checkLostAnswer(
  stage: Stage,
  kind: "accept_then_hang" | "accept_then_close",
): Promise<undefined> {
  const text = "did it arrive?";
  const to = await stage.meet();
  const { handset } = stage.simulator;
  const host = new AbortController();
  // The host's patience ends when the network has the message: not earlier, on however busy a machine.
  const stop = handset.onChange(() => {
    const isThere = stage.screen().some((message) => sameText(message.text, text));
    if (isThere && kind === "accept_then_hang") host.abort();
  });
  const signal = AbortSignal.any([host.signal, AbortSignal.timeout(15_000)]);
  const job = stage.job(to, text, { signal });
  stage.simulator.inject({ kind, times: 1 });
  const result = await stage.send(job);
  stop();
  stage.onScreen(text);
  expectEqual(stage.simulator.accepted, 1, "the network has taken it once; nothing may repeat it");
  expectThat(
    result.outcome === "unknown",
    `the network took the message and its answer was lost: this is unknown, not ${show(result)}`,
  );
  await checkReconcile(stage, { ...job, signal: AbortSignal.timeout(15_000) });
}

async function checkReconcile(stage: Stage, job: SendJob): Promise<void> {
  const { connector, context } = stage;
  if (!isReconciling(connector)) return;
  const found = await connector.reconcile(job, context);
  expectThat(
    found?.outcome !== "rejected",
    `the network has the message, and reconcile says ${show(found)}; the host would send it again`,
  );
  expectThat(
    found?.outcome !== "accepted" || found.externalIds.length > 0,
    "reconcile found the message, and gives no external id",
  );
}
