import { AnywireError, type Connection } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Connector } from "../../contract/connector.ts";
import {
  createMemoryBackend,
  type InboundBackend,
  InboundNode,
} from "../inbound/inbound-node.fixture.ts";
import { byRaven, Raven } from "../inbound/raven.fixture.ts";
import { movedSettings } from "./check-connection.ts";

/** Ravens with two rings, of which one may be left off. */
class RingedRaven extends Raven {
  override readonly secrets = [
    { name: "ring", description: "On its leg.", isRequired: true },
    { name: "bell", description: "On its neck.", isRequired: false },
  ];
}

let backend: InboundBackend;
let node: InboundNode;
/** Called before each change of a connection is stored. */
let beforeStored: () => Promise<void>;

beforeEach(async () => {
  backend = await createMemoryBackend();
  beforeStored = async () => undefined;
  node = new InboundNode(backend, {
    raven: new RingedRaven(),
    around: async ({ kind }, append) => {
      if (kind === "connection") await beforeStored();
      return await append();
    },
  });
  await node.start({ handles: false });
  await node.connect({ secrets: { ring: "gold", bell: "brass" } });
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

function update(changes: object): Promise<Connection> {
  return node.call<Connection>("connection.update", { id: "tower", ...changes });
}

/** What the connector is given next. */
async function context(): Promise<unknown> {
  node.connections.forget("tower");
  const found = await node.connections.find("tower");
  return { settings: found?.context.settings, secrets: found?.context.secrets };
}

const there = { tower: "north", rookery: "home" };
const away = { tower: "north", rookery: "theirs" };

test("a setting that may decide where secrets go changes only together with all of them, and a refusal says which and what to do", async () => {
  const partly = [{}, { secrets: { ring: "theirs" } }, { secrets: { bell: "theirs" } }];
  const refusals: unknown[] = [];
  for (const more of partly) {
    refusals.push(await update({ settings: away, ...more }).catch((error: unknown) => error));
  }
  expect(refusals[0]).toMatchObject({
    code: "bad_request",
    message:
      "settings.rookery may decide where the secrets of connection tower are sent: give all of them anew in the same request; missing are secrets.ring, secrets.bell",
    details: {
      errors: [
        { path: "settings.rookery", message: "changes only together with all secrets" },
        { path: "secrets.ring", message: "must be given anew" },
        { path: "secrets.bell", message: "must be given anew" },
      ],
    },
  });
  expect(refusals.map((error) => (error as AnywireError).code)).toEqual(
    partly.map(() => "bad_request"),
  );
  expect(await context()).toEqual({
    settings: there,
    secrets: { ring: ["gold"], bell: ["brass"] },
  });
});

test("with all secrets it changes, and nothing of before goes along, also not what holds since a rotation", async () => {
  await node.call("connection.rotate_secrets", { id: "tower", secrets: { ring: "silver" } });
  const secrets = { ring: "copper", bell: "crystal" };
  expect(await update({ settings: away, secrets })).toMatchObject({
    ...{ settings: away, secrets: ["bell", "ring"], overlapUntil: null },
  });
  expect(await context()).toEqual({
    settings: away,
    secrets: { ring: ["copper"], bell: ["crystal"] },
  });
  const entries = await node.entries("production.connection.*");
  expect(JSON.stringify(entries)).not.toMatch(/gold|brass|silver|copper|crystal/);
});

test("what leads nowhere changes by itself, and so does what is said in other words", async () => {
  await update({ settings: { tower: "south" } });
  await update({ settings: { ...there, tower: "south" } });
  await update({ title: "South", isEnabled: false });
  expect(await context()).toEqual({
    settings: { ...there, tower: "south" },
    secrets: { ring: ["gold"], bell: ["brass"] },
  });
});

test("secrets given with a change that leads nowhere take the place of all, so none may be forgotten", async () => {
  await expect(update({ secrets: { ring: "copper" } })).rejects.toThrow(
    "new secrets take the place of all that connection tower has: give all of them anew in the same request; missing are secrets.bell",
  );
  await expect(update({ secrets: { ring: "copper", horn: "x" } })).rejects.toThrow("secrets.horn");
  await update({ secrets: { ring: "copper", bell: "crystal" } });
  expect(await context()).toEqual({
    settings: there,
    secrets: { ring: ["copper"], bell: ["crystal"] },
  });
});

test("while a change is half done, or was left so, secrets are for nobody, and whoever calls is told to come again", async () => {
  const secrets = { ring: "copper", bell: "crystal" };
  const seen: unknown[] = [];
  beforeStored = async () => {
    // The new secrets are kept; where they belong is not known yet.
    seen.push(await context().catch((error: unknown) => error));
    const letter = node.inbound.receive("tower", byRaven([], { ring: "copper" }));
    seen.push(await letter.catch((error: unknown) => error));
    throw new AnywireError("unavailable", "the process is dead");
  };
  await expect(update({ settings: away, secrets })).rejects.toMatchObject({ code: "unavailable" });
  const message =
    "the secrets of connection tower were given for other settings (rookery); give all of them anew together with the settings";
  expect(seen).toEqual([
    expect.objectContaining({ code: "unavailable", message }),
    expect.objectContaining({ code: "unavailable" }),
  ]);
  beforeStored = async () => undefined;
  // Neither a rotation nor a change of something else has them sent to where they were not given for.
  await node.call("connection.rotate_secrets", { id: "tower", secrets: { ring: "lead" } });
  await update({ settings: { ...there, tower: "south" } });
  await expect(context()).rejects.toMatchObject({ code: "unavailable", message });
  expect(await node.call("connection.health", { id: "tower" })).toMatchObject({
    ...{ state: "down", reason: message },
  });
  await update({ settings: there, secrets });
  expect(await context()).toEqual({
    settings: there,
    secrets: { ring: ["copper"], bell: ["crystal"] },
  });
});

test("of two that lead a connection elsewhere at once one is told to come again, so that no secrets go where the other leads", async () => {
  const theirs = { settings: away, secrets: { ring: "theirs", bell: "theirs" } };
  const ours = {
    settings: { ...there, rookery: "ours" },
    secrets: { ring: "copper", bell: "crystal" },
  };
  let refusal: unknown;
  beforeStored = async () => {
    beforeStored = async () => undefined;
    refusal = await update(theirs).catch((error: unknown) => error);
  };
  await update(ours);
  expect(refusal).toMatchObject({ code: "conflict" });
  expect(await context()).toEqual({
    settings: ours.settings,
    secrets: { ring: ["copper"], bell: ["crystal"] },
  });
});

test("a connection without secrets leads where one likes", async () => {
  await node.close();
  await backend.dispose();
  backend = await createMemoryBackend();
  const raven = new Raven();
  raven.secrets.length = 0;
  node = new InboundNode(backend, { raven });
  await node.start({ handles: false });
  await node.connect({ secrets: {} });
  await update({ settings: away });
  expect(await context()).toEqual({ settings: away, secrets: {} });
  expect(await update({ settings: there, secrets: {} })).toMatchObject({ secrets: [] });
});

test("a connector that frees no setting has all of them bound, at any depth", () => {
  const configSchema = z.strictObject({
    smtp: z.strictObject({ host: z.string(), port: z.int().default(587) }),
    from: z.string().optional(),
  }) as Connector["configSchema"];
  const moved = (before: object, after: object, freeSettings?: readonly string[]) =>
    movedSettings(
      { configSchema, ...(freeSettings && { freeSettings }) } as Connector,
      { ...before },
      { ...after },
    );
  const smtp = { host: "a" };
  expect(moved({ smtp }, { smtp: { host: "b" }, from: "x" })).toEqual(["from", "smtp"]);
  expect(moved({ smtp }, { smtp: { host: "a", port: 587 } })).toEqual([]);
  expect(moved({ smtp }, { smtp: { host: "a", port: 25 } }, ["from"])).toEqual(["smtp"]);
  expect(moved({ smtp }, { smtp, from: "x" }, ["from"])).toEqual([]);
  // Of an older version: nobody knows any more what its settings meant.
  expect(moved({ server: "a" }, { smtp })).toEqual(["server", "smtp"]);
  expect(moved({ smtp, from: 7 }, { smtp, from: "x" }, ["from"])).toEqual([]);
});
