import { microseconds, milliseconds, rate, section } from "./markdown.ts";
import type { NetworksLimitResult } from "./measures/networks-limit.ts";
import type { NetworksOutboundResult } from "./measures/networks-outbound.ts";
import type { NetworksWebhooksResult } from "./measures/networks-webhooks.ts";
import type { BenchResults } from "./results.ts";

/** What was found of networks, as Markdown. */
export function networksSections(results: BenchResults): string[] {
  return [
    webhooksSection(results["networks-webhooks"]),
    outboundSection(results["networks-outbound"]),
    limitSection(results["networks-limit"]),
  ];
}

function webhooksSection(result: NetworksWebhooksResult | undefined): string {
  if (result === undefined) return "";
  const { perSecond, seconds, connections, persons, paced, highest } = result;
  const times = section(
    `Networks: from when a signed webhook is due to its 2xx, ${connections} connections`,
    ["", "answered/s", "p50", "p99", "the longest"],
    [
      [`${rate(perSecond)} a second for ${seconds} s`, rate(perSecondOf(paced)), ...timesOf(paced)],
      [
        "each connection as fast as it is answered",
        rate(perSecondOf(highest)),
        ...timesOf(highest),
      ],
    ],
  );
  const handled = section(
    `Networks: messages on their channels, of ${persons} persons through one connection`,
    ["", ""],
    [
      ["a second, while webhooks come", rate(result.storedMeanwhilePerSecond)],
      ["a second, when no more come", rate(result.storedAfterPerSecond)],
      [
        result.isHandled
          ? "from the last 2xx to the last message on its channel"
          : "from the last 2xx until waiting was given up",
        milliseconds(result.behindMs),
      ],
      ["server's processor time, each, all in all", microseconds(result.cpuMicros)],
    ],
  );
  const counts = `All of ${rate(paced.sent)} webhooks that were answered are stored; they told of ${rate(paced.messages)} messages, the others of one of these once more, and neighbours in any order.`;
  const places = result.isHandled
    ? "Each message is once on the one channel of its person."
    : `When waiting for them was given up, ${rate(result.stored)} were on their channels.`;
  return [times, handled, `${counts} ${places}`].join("\n\n");
}

function perSecondOf({ sent, wallMs }: NetworksWebhooksResult["paced"]): number {
  return (sent / wallMs) * 1000;
}

function timesOf(run: NetworksWebhooksResult["paced"]): readonly string[] {
  return [run.p50Ms, run.p99Ms, run.longestMs].map(milliseconds);
}

function outboundSection(result: NetworksOutboundResult | undefined): string {
  if (result === undefined) return "";
  const { perSecond, channels, answerMs } = result;
  return section(
    `Networks: from the acknowledgement of a message to its arrival at a network that answers after ${answerMs} ms, ${channels} channels, one connection without limits`,
    ["", "arrived/s", "p50", "p99", "the longest", "server's processor time, each"],
    [
      [
        `${rate(perSecond)} a second`,
        rate(result.arrivedPerSecond),
        ...[result.p50Ms, result.p99Ms, result.longestMs].map(milliseconds),
        microseconds(result.cpuMicros),
      ],
      [
        `${rate(result.pushed)} that are published faster than they leave`,
        rate(result.highestPerSecond),
        ...["", "", "", ""],
      ],
    ],
  );
}

function limitSection(result: NetworksLimitResult | undefined): string {
  if (result === undefined) return "";
  const { perSecond, seconds, many, few } = result;
  return section(
    `Networks: a limit of ${perSecond} a second for ${seconds} s, one channel with ${many} messages and another with ${few}`,
    ["", ""],
    [
      ["arrived/s", result.arrivedPerSecond.toFixed(2)],
      ["within any second", `${result.leastInSecond} to ${result.mostInSecond}`],
      ["of the first channel between two of the second", `at most ${result.mostBetween}`],
      [
        "from the first acknowledgement on the second channel to its arrival",
        milliseconds(result.firstWaitMs),
      ],
    ],
  );
}
