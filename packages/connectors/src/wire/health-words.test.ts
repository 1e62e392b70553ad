import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { builtInConnectors } from "../built-in/index.ts";
import { hasHealth } from "../contract/abilities.ts";
import { startNetwork } from "./network-under-test.fixture.ts";

/** Networks that are away, each in its own way. */
const AWAY: Readonly<Record<string, RequestListener>> = {
  "breaks off": (_, response) => response.destroy(),
  fails: (_, response) => response.writeHead(503).end("{}"),
  "answers HTML": (_, response) => response.end("<html>Sign in to the hotel</html>"),
};

async function startAway(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const asked = builtInConnectors.filter(hasHealth).flatMap((connector) => {
  const isHttp = JSON.stringify(connector.configSchema.toJSONSchema({ io: "input" })).includes(
    '"baseUrl"',
  );
  return isHttp ? Object.keys(AWAY).map((how) => [connector.id, how, connector] as const) : [];
});

/** Symptom: Slack's health said that the message may have arrived, and there was no message. */
test.each(asked)("the health of %s speaks of no message when the network %s", async (...of) => {
  const [, how, connector] = of;
  const baseUrl = await startAway(AWAY[how] ?? expect.fail());
  const { context } = await startNetwork(connector, { baseUrl });
  const health = await connector.health(context, AbortSignal.timeout(15_000)).catch(String);
  expect(health).not.toMatchObject({ state: "ok" });
  expect(JSON.stringify(health)).not.toMatch(/message|sent/i);
});
