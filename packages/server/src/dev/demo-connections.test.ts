import type { Caller, Operation } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { z } from "zod";
import { ensureDemoConnections } from "./demo-connections.ts";
import { type DevNetwork, startDevNetworks } from "./dev-networks.ts";
import { createFakeConnector } from "./fake-connector.fixture.ts";

/** Operations that keep connections in a map, and a list of what they were asked. */
function createFakeOperations() {
  const connections = new Map<string, Record<string, unknown>>();
  const asked: [string, Record<string, unknown>][] = [];
  const callers: Caller[] = [];
  const one = (name: string, run: (request: Record<string, unknown>) => unknown): Operation => ({
    name,
    request: z.record(z.string(), z.unknown()),
    answer: z.unknown(),
    async run(caller, request) {
      const given = request as Record<string, unknown>;
      asked.push([name, given]);
      callers.push(caller);
      return { answer: await run(given), isNew: false };
    },
  });
  const known = (id: unknown) => {
    const found = connections.get(String(id));
    if (found === undefined) throw new AnywireError("not_found", "there is no such connection");
    return found;
  };
  const accounts = new Set<string>();
  const all = [
    one("account.get", ({ id }) => {
      if (!accounts.has(String(id))) throw new AnywireError("not_found", "nobody");
      return { id };
    }),
    one("account.save", ({ id }) => accounts.add(String(id))),
    one("connection.get", ({ id }) => known(id)),
    one("connection.create", (request) => {
      if (request["connector"] === "broken") throw new AnywireError("bad_request", "no");
      connections.set(String(request["id"]), request);
    }),
    one("connection.update", ({ id, ...changes }) => Object.assign(known(id), changes)),
  ];
  const operations = new Map(all.map((operation) => [operation.name, operation]));
  return { operations, accounts, connections, asked, callers };
}

async function networksOf(...ids: string[]): Promise<readonly DevNetwork[]> {
  const { networks } = await startDevNetworks({
    connectors: ids.map((id) => createFakeConnector({ id, network: id })),
    webhookUrlOf: (connection) => connection,
    onError: () => {},
  });
  return networks;
}

const demo = { platform: "production", accounts: ["bob", "june"] };

test("connections are made for the accounts of the console, by someone who may", async () => {
  const fake = createFakeOperations();
  const networks = await networksOf("sms", "email");
  await ensureDemoConnections({ ...demo, operations: fake.operations, networks, onError: fail });
  expect([...fake.connections.keys()]).toEqual(["demo-sms", "demo-email"]);
  const { settings, secrets } = networks[0]?.simulator ?? {};
  expect(fake.connections.get("demo-sms")).toMatchObject({
    connector: "sms",
    title: "Fake (simulated)",
    settings,
    secrets,
    defaultAccounts: ["bob", "june"],
  });
  const [caller] = fake.callers;
  expect(caller?.principal.patterns.manage).toContain("production.connection.*");
});

test("the accounts are there before anybody has opened the page, and one that is there is left alone", async () => {
  const fake = createFakeOperations();
  fake.accounts.add("bob");
  await ensureDemoConnections({
    ...demo,
    operations: fake.operations,
    networks: await networksOf("sms"),
    onError: fail,
  });
  const saved = fake.asked.filter(([name]) => name === "account.save");
  expect(saved).toEqual([["account.save", { id: "june" }]]);
});

test("at the next start a connection gets the new simulator's settings and secrets, and keeps what was chosen", async () => {
  const fake = createFakeOperations();
  await ensureDemoConnections({
    ...demo,
    operations: fake.operations,
    networks: await networksOf("sms"),
    onError: fail,
  });
  Object.assign(fake.connections.get("demo-sms") ?? {}, { title: "Mine" });
  const networks = await networksOf("sms");
  await ensureDemoConnections({ ...demo, operations: fake.operations, networks, onError: fail });
  const { settings, secrets } = networks[0]?.simulator ?? {};
  expect(fake.connections.get("demo-sms")).toMatchObject({ title: "Mine", settings, secrets });
  // At once: settings that lead elsewhere are taken with all secrets alone.
  expect(fake.asked.at(-1)).toEqual(["connection.update", { id: "demo-sms", settings, secrets }]);
});

test("a connection of that id to another network stays as it is, and the others are made", async () => {
  const fake = createFakeOperations();
  fake.connections.set("demo-sms", { connector: "twilio-sms", settings: { real: true } });
  const failed: [string, unknown][] = [];
  const networks = await networksOf("sms", "broken", "email");
  const onError = (id: string, error: unknown): void => void failed.push([id, error]);
  await ensureDemoConnections({ ...demo, operations: fake.operations, networks, onError });
  expect(fake.connections.get("demo-sms")).toEqual({
    connector: "twilio-sms",
    settings: { real: true },
  });
  expect(fake.connections.has("demo-email")).toBe(true);
  expect(failed.map(([id, error]) => [id, (error as AnywireError).code])).toEqual([
    ["demo-sms", "conflict"],
    ["demo-broken", "bad_request"],
  ]);
});

function fail(connection: string, error: unknown): void {
  throw new Error(`${connection} failed`, { cause: error });
}
