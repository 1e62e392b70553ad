import type { ConnectionContext, Fixture, WebhookRequest } from "@anywire/connectors";
import type { ConnectorSubject } from "./connector-rule.ts";
import { expectThat, show } from "./expect-that.ts";

/** A connection as a fixture describes it; what is given over it replaces its parts. */
export function fixtureContext(
  { connector }: ConnectorSubject,
  fixture: Fixture,
  over: Partial<ConnectionContext> = {},
): ConnectionContext {
  const parsed = connector.configSchema.safeParse(fixture.settings);
  expectThat(
    parsed.success,
    `the settings of fixture "${fixture.name}" do not pass configSchema: ${show(parsed.error?.message)}`,
  );
  return {
    id: "conformance",
    platform: "production",
    settings: parsed.data,
    secrets: Object.fromEntries(
      Object.entries(fixture.secrets).map(([name, value]) => [name, [value]]),
    ),
    webhookUrl: fixture.request.url.replace(/[?#].*$/s, ""),
    now: () => fixture.now,
    ...over,
  };
}

/** The request of a fixture, new each time. */
export function fixtureRequest(
  { request }: Fixture,
  over: Partial<WebhookRequest> = {},
): WebhookRequest {
  return {
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    body: new TextEncoder().encode(request.body),
    ...over,
  };
}

/** The connector's fixtures. @throws {Error} when it has none */
export async function fixturesOf({
  connector,
  options,
}: ConnectorSubject): Promise<readonly Fixture[]> {
  const fixtures = options.fixtures ?? (await connector.fixtures?.()) ?? [];
  expectThat(
    fixtures.length > 0,
    "the connector has no fixtures: record at least one request of the network, with the events that it tells, and give them by `fixtures`",
  );
  return fixtures;
}
