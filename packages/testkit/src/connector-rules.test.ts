import { EventEmitter, once } from "node:events";
import type {
  Connector,
  CreateSimulator,
  ListeningConnector,
  WebhookRequest,
} from "@anywire/connectors";
import { SHARED_FAULTS } from "@anywire/connectors/simulator";
import { describe, expect, test } from "vitest";
import { brokenConversations } from "./connector/broken-conversations.fixture.ts";
import { brokenRequests } from "./connector/broken-requests.fixture.ts";
import { parrot, parrotFixtures } from "./connector/parrot.fixture.ts";
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

/** A network that does not call: what it has to tell waits until it is fetched. It hiccups once at the beginning. */
function silentNetwork(): {
  readonly simulator: CreateSimulator;
  readonly listen: ListeningConnector["listen"];
} {
  let waiting: WebhookRequest[] = [];
  let state: "new" | "open" | "gone" = "gone";
  const bell = new EventEmitter();
  const simulator: CreateSimulator = async () => {
    waiting = [];
    state = "new";
    const ear = await startWebhookReceiver(async (request) => {
      waiting.push(request);
      bell.emit("ring");
      return { status: 200 };
    });
    const network = await createParrotSimulator({ webhookUrl: ear.webhookUrl });
    const close = async (): Promise<void> => {
      state = "gone";
      bell.emit("ring");
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
  const listen: ListeningConnector["listen"] = async (_context, { receive }, signal) => {
    if (state === "new") {
      state = "open";
      throw new Error("the network hiccups");
    }
    while (!signal.aborted) {
      if (state === "gone") throw new Error("nobody is there");
      for (const request of waiting.splice(0)) await receive(request);
      if (waiting.length === 0) await once(bell, "ring", { signal });
    }
  };
  return { simulator, listen };
}

test("a connector that only listens keeps the rules: it is begun again when it gives up, and rules of signatures say nothing of it", async () => {
  const { simulator, listen } = silentNetwork();
  const listening: Connector & ListeningConnector = {
    ...parrot,
    verify: () => ({ isGenuine: false, reason: "comes by itself" }),
    listen,
  };
  const fixtures = parrotFixtures.filter(({ events }) => events !== undefined);
  const verdicts: ConnectorVerdict[] = [];
  for await (const verdict of checkConnector(listening, { simulator, fixtures })) {
    if (verdict.outcome !== "kept") verdicts.push(verdict);
  }
  const says = { outcome: "skipped", words: expect.stringContaining("hears by listening alone") };
  expect(verdicts).toEqual(
    [
      /^takes genuine requests/,
      /^refuses a request of which one byte/,
      /^refuses a request without its signature/,
      /^refuses everything when there is no secret/,
      /^takes what is signed with the secret before/,
      /^refuses a signed time/,
    ].map((rule) => ({ rule: expect.stringMatching(rule), ...says })),
  );
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

  test("does not say kept of what a network has not: neither declared, nor done by its persons", async () => {
    const { text } = parrot.capabilities({} as never);
    const receipts = { sent: true, delivered: true, read: false, failed: false };
    const connector: Connector = {
      ...parrot,
      capabilities: () => ({ text, canStart: false, receipts, idempotency: "correlation" }),
    };
    const simulator: CreateSimulator = async (options) => {
      const network = await createParrotSimulator(options);
      const {
        react: __,
        typing: ___,
        changeIdentity: ____,
        read: _____,
        ...handset
      } = network.handset;
      return {
        ...network,
        handset,
        faults: SHARED_FAULTS,
        get accepted() {
          return network.accepted;
        },
      };
    };
    const verdicts = await check(connector, { simulator });
    const skipped = verdicts.filter(({ outcome }) => outcome !== "kept");
    expect(skipped.map(({ rule, words }) => [rule, words])).toEqual([
      [
        "begins a conversation where it declares that it can",
        "its capabilities say that it begins none",
      ],
      ["tells that a message failed later", "its capabilities have no receipts.failed"],
      ["answers the very message that it was told to", "its capabilities have no reply"],
      [
        "brings each kind of media that it declares, with its bytes",
        "its capabilities have no media",
      ],
      [
        "says of an answer that it is from the address that was written to",
        "its capabilities say that it begins no conversation",
      ],
      ["tells which message of ours a person answers", "its capabilities have no reply"],
      [
        "knows a person again who has a new number or name",
        "its simulator's handset has no changeIdentity()",
      ],
      ["changes what was sent", "its capabilities have no edit"],
      ["takes back what was sent", "its capabilities have no delete"],
      ["puts a mark on a message, and takes it off", "its capabilities have no reactions"],
      [
        "tells of a mark that a person puts on a message of ours, and of its end",
        "its simulator's handset has no react()",
      ],
      ["tells that a person is writing", "its simulator's handset has no typing()"],
      [
        "shows that somebody is writing, and that somebody has read",
        "its capabilities have no typing or markRead",
      ],
      [
        "sends a message once where it declares that the network honours its key",
        'its capabilities have no idempotency "key"',
      ],
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
