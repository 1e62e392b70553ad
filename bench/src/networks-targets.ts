import type { NetworksLimitResult } from "./measures/networks-limit.ts";
import type { NetworksOutboundResult } from "./measures/networks-outbound.ts";
import type { NetworksWebhooksResult } from "./measures/networks-webhooks.ts";
import type { BenchResults } from "./results.ts";
import type { Target } from "./target.ts";

const MAX_WEBHOOK_P99_MS = 50;
/** Of a rate that is to be kept: what the ends of the time that is looked at leave to chance. */
const MIN_KEPT_RATE = 0.99;
const MAX_OFF = 1;
const MAX_BETWEEN = 1;

/** Every target for networks that the run has numbers for. */
export function networksTargets(results: BenchResults): Target[] {
  return [
    ...webhookTargets(results["networks-webhooks"]),
    ...outboundTargets(results["networks-outbound"]),
    ...limitTargets(results["networks-limit"]),
  ];
}

function webhookTargets(result: NetworksWebhooksResult | undefined): Target[] {
  if (result === undefined) return [];
  const { perSecond, paced, stored, isHandled } = result;
  return [
    {
      what: `${number(perSecond)} signed webhooks a second, each durable before its 2xx, p99`,
      asked: `< ${MAX_WEBHOOK_P99_MS} ms`,
      measured: `${paced.p99Ms.toFixed(2)} ms`,
      isMet: paced.p99Ms < MAX_WEBHOOK_P99_MS,
    },
    {
      what: `messages on their channels, of ${number(paced.sent)} webhooks with duplicates and in any order`,
      asked: number(paced.messages),
      measured: number(stored),
      isMet: isHandled && stored === paced.messages,
    },
  ];
}

function outboundTargets(result: NetworksOutboundResult | undefined): Target[] {
  if (result === undefined) return [];
  const { perSecond, arrivedPerSecond } = result;
  return [
    {
      what: `${perSecond} messages a second through one connection without limits: what comes to the network in a second`,
      asked: `≥ ${(perSecond * MIN_KEPT_RATE).toFixed(0)}`,
      measured: arrivedPerSecond.toFixed(1),
      isMet: arrivedPerSecond >= perSecond * MIN_KEPT_RATE,
    },
  ];
}

function limitTargets(result: NetworksLimitResult | undefined): Target[] {
  if (result === undefined) return [];
  const { perSecond, leastInSecond, mostInSecond, many, few, mostBetween } = result;
  return [
    {
      what: `a limit of ${perSecond} a second: what comes to the network within any second`,
      asked: `${perSecond} ± ${MAX_OFF}`,
      measured: `${leastInSecond} to ${mostInSecond}`,
      isMet: leastInSecond >= perSecond - MAX_OFF && mostInSecond <= perSecond + MAX_OFF,
    },
    {
      what: `one channel with ${many} messages, another with ${few}: the most of the first between two of the second`,
      asked: `≤ ${MAX_BETWEEN}`,
      measured: `${mostBetween}`,
      isMet: mostBetween <= MAX_BETWEEN,
    },
  ];
}

function number(value: number): string {
  return value.toLocaleString("en");
}
