import { EventEmitter, on } from "node:events";
import type { Connector, CreateSimulator, ListeningConnector } from "@anywire/connectors";
import { describe, expect, test } from "vitest";
import { brokenConversations } from "./connector/broken-conversations.fixture.ts";
import { brokenRequests } from "./connector/broken-requests.fixture.ts";
import { parrot } from "./connector/parrot.fixture.ts";
import { createParrotSimulator } from "./connector/parrot-simulator.fixture.ts";
import { startWebhookReceiver } from "./connector/webhook-receiver.ts";
import {
  type ConnectorRuleOptions,
  type ConnectorVerdict,
  checkConnector,
  connectorRules,
} from "./connector-rules.ts";
import { describeConnector } from "./describe-connector.ts";

describeConnector(parrot);

const BROKEN = { ...brokenRequests, ...brokenConversations };

test("every rule has a connector that breaks it", () => {
  expect(Object.keys(BROKEN).toSorted()).toEqual(connectorRules.map(({ name }) => name).toSorted());
});

describe("a broken connector is told what is wrong", () => {
  const cases = connectorRules.flatMap((rule) =>
    (BROKEN[rule.name] ?? []).map((broken) => ({ rule, ...broken, name: rule.name })),
  );
  test.each(cases)("$name: $words", async ({ rule, connector, options = {}, words }) => {
    await expect(rule.run({ connector, options })).rejects.toThrow(words);
  });
});

test("a connector of which a part is missing gets a verdict for each rule, whatever a rule trips over", async () => {
  const { verify, parse, send } = parrot;
  const bare = { id: "bare", verify, parse, send } as unknown as Connector;
  const verdicts: ConnectorVerdict[] = [];
  for await (const verdict of checkConnector(bare)) verdicts.push(verdict);
  expect(verdicts.map(({ rule }) => rule)).toEqual(connectorRules.map(({ name }) => name));
  expect(verdicts).toContainEqual(expect.objectContaining({ outcome: "broken" }));
});

test("a connector that listens by itself is given somewhere to bring what it hears", async () => {
  const heard = new EventEmitter();
  const listening: Connector & ListeningConnector = {
    ...parrot,
    verify: () => ({ isGenuine: false, reason: "comes by itself" }),
    async listen(_context, { receive }, signal) {
      for await (const [request] of on(heard, "request", { signal })) await receive(request);
    },
  };
  // The network is looked at, and never calls: its webhooks end here.
  const simulator: CreateSimulator = async () => {
    const ear = await startWebhookReceiver(async (request) => {
      heard.emit("request", request);
      return { status: 200 };
    });
    const network = await createParrotSimulator({ webhookUrl: ear.webhookUrl });
    const close = async (): Promise<void> => {
      await network.close();
      await ear.close();
    };
    return {
      ...network,
      close,
      get accepted() {
        return network.accepted;
      },
    };
  };
  const broken: ConnectorVerdict[] = [];
  for await (const verdict of checkConnector(listening, { simulator })) {
    if (verdict.outcome === "broken") broken.push(verdict);
  }
  expect(broken).toEqual([]);
});

describe("checking a connector", () => {
  const check = async (
    connector: Connector,
    options?: ConnectorRuleOptions,
  ): Promise<readonly ConnectorVerdict[]> => {
    const verdicts: ConnectorVerdict[] = [];
    for await (const verdict of checkConnector(connector, options)) verdicts.push(verdict);
    return verdicts;
  };

  test("gives a verdict for each rule, and says what it skips and why", async () => {
    const { estimate: __, ...connector } = parrot;
    const verdicts = await check(connector);
    expect(verdicts.map(({ rule }) => rule)).toEqual(connectorRules.map(({ name }) => name));
    expect(verdicts.filter(({ outcome }) => outcome !== "kept")).toEqual([
      {
        rule: expect.stringMatching(/^estimates/),
        outcome: "skipped",
        words: "it has no estimate()",
      },
    ]);
  });

  test("goes on after a rule that is broken", async () => {
    const verdicts = await check({ ...parrot, displayName: " " });
    expect(verdicts.filter(({ outcome }) => outcome === "broken")).toEqual([
      { rule: connectorRules[0]?.name, outcome: "broken", words: expect.stringContaining("empty") },
    ]);
  });

  test("takes a simulator from outside for a connector without one", async () => {
    const { simulator: __, ...connector } = parrot;
    const options = { simulator: createParrotSimulator };
    expect((await check(connector, options)).some(({ outcome }) => outcome === "broken")).toBe(
      false,
    );
    const alone = await check(connector);
    expect(alone.find(({ outcome }) => outcome === "broken")?.words).toMatch(/has no simulator/);
  });
});
