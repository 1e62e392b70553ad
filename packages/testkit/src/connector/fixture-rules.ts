import { Socket } from "node:net";
import type { ConnectionContext, Fixture, InboundEvent, WebhookRequest } from "@anywire/connectors";
import { problemsOf } from "./check-event.ts";
import type { ConnectorRule, ConnectorSubject } from "./connector-rule.ts";
import { expectEqual, expectThat, within, wordsOf } from "./expect-that.ts";
import { fixtureContext, fixtureRequest, fixturesOf } from "./fixture-context.ts";

/** What the host keeps of no request: whoever may read the log could use it. */
const AUTHENTICATING =
  /^(?:authorization|proxy-authorization|cookie|set-cookie)$|secret|password|api-?key|token/;

/** What a connector makes of recorded requests. */
export const fixtureRules: readonly ConnectorRule[] = [
  {
    name: "tells of each recorded request exactly what the fixture says",
    run: (subject) =>
      forEachGenuine(subject, async (fixture) => {
        const events = await parse(subject, fixture);
        expectEqual(
          events,
          fixture.events,
          `parse tells something else of fixture "${fixture.name}"`,
        );
        for (const event of events) {
          const problems = problemsOf(event, subject.connector);
          expectThat(problems.length === 0, `fixture "${fixture.name}": ${problems.join("; ")}`);
        }
      }),
  },
  {
    name: "tells the same of the same request, whatever came before it",
    run: async (subject) => {
      const before = new Map<Fixture, readonly InboundEvent[]>();
      await forEachGenuine(subject, async (fixture) => {
        before.set(fixture, await parse(subject, fixture));
      });
      for (const [fixture, events] of [...before].reverse()) {
        expectEqual(
          await parse(subject, fixture),
          events,
          `parse tells something else of fixture "${fixture.name}" the second time; it must remember nothing and look at no clock but context.now()`,
        );
      }
    },
  },
  {
    name: "reads a request without the network, and changes nothing of it",
    run: (subject) =>
      forEachGenuine(subject, async (fixture) => {
        const request = freeze(fixtureRequest(fixture));
        const body = request.body.slice();
        const context = freeze(fixtureContext(subject, fixture));
        await withoutNetwork(async () => {
          await within(5_000, "verify", subject.connector.verify(request, context));
          await within(5_000, "parse", subject.connector.parse(request, context));
        }, fixture);
        expectEqual(request.body, body, `the body of fixture "${fixture.name}" was changed`);
      }),
  },
  {
    name: "reads what was stored: a request without the headers that authenticate somebody",
    run: (subject) =>
      forEachGenuine(subject, async (fixture) => {
        const { headers } = fixture.request;
        const kept = Object.entries(headers).filter(([name]) => !AUTHENTICATING.test(name));
        const stored = {
          ...fixture,
          request: { ...fixture.request, headers: Object.fromEntries(kept) },
        };
        expectEqual(
          await parse(subject, stored),
          fixture.events,
          `parse tells something else of fixture "${fixture.name}" without headers that are not stored; only verify may need them`,
        );
      }),
  },
  {
    name: "gives different events different ids",
    run: async (subject) => {
      const seen = new Map<string, string>();
      await forEachGenuine(subject, async (fixture) => {
        for (const event of fixture.events ?? []) {
          if (event.type !== "message") continue;
          const content = JSON.stringify([event.sender.addresses[0], event.text, event.at]);
          const other = seen.get(event.externalId);
          expectThat(
            other === undefined || other === content,
            `two different messages have the id ${event.externalId}; the second would be taken for the first, come again`,
          );
          seen.set(event.externalId, content);
        }
      });
    },
  },
];

async function forEachGenuine(
  subject: ConnectorSubject,
  look: (fixture: Fixture) => Promise<void>,
): Promise<undefined> {
  const fixtures = await fixturesOf(subject);
  const genuine = fixtures.filter(({ events }) => events !== undefined);
  expectThat(genuine.length > 0, "no fixture has events; record a genuine request");
  for (const fixture of genuine) await look(fixture);
}

async function parse(
  subject: ConnectorSubject,
  fixture: Fixture,
): Promise<readonly InboundEvent[]> {
  try {
    return await within(
      5_000,
      "parse",
      subject.connector.parse(fixtureRequest(fixture), fixtureContext(subject, fixture)),
    );
  } catch (error) {
    throw new Error(`parse failed for fixture "${fixture.name}": ${wordsOf(error)}`, {
      cause: error,
    });
  }
}

function freeze<T extends WebhookRequest | ConnectionContext>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null && !ArrayBuffer.isView(part)) Object.freeze(part);
  }
  return Object.freeze(value);
}

/** Every way out ends in a socket, so this is one place for all of them. */
async function withoutNetwork(work: () => Promise<void>, fixture: Fixture): Promise<void> {
  const { connect } = Socket.prototype;
  let calls = 0;
  Socket.prototype.connect = function refuse(): never {
    calls += 1;
    throw new Error("parse and verify must not use the network");
  };
  try {
    await work();
  } catch (error) {
    throw new Error(`with fixture "${fixture.name}", frozen and offline: ${wordsOf(error)}`, {
      cause: error,
    });
  } finally {
    Socket.prototype.connect = connect;
  }
  expectThat(
    calls === 0,
    `parse or verify called the network with fixture "${fixture.name}"; what has to be fetched is fetched by fetchMedia`,
  );
}
