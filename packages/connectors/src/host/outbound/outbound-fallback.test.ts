import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Connector } from "../../contract/connector.ts";
import { createDesks, DESK_BACKENDS } from "./outbound-desk.fixture.ts";
import {
  accepted,
  rejected,
  ScriptedNetwork,
  scriptedConnector,
} from "./scripted-connector.fixture.ts";

describe.each(Object.entries(DESK_BACKENDS))("stand-ins on %s", (_name, createBackend) => {
  const { backend, open, end } = createDesks(createBackend);
  afterEach(end);

  test.each([
    ["failed at once", () => rejected("invalid_recipient"), "failed", 600_000],
    ["was not delivered in time", accepted, "sent", 2_500],
  ] as const)(
    "what %s goes over the other connection, once",
    async (_, answer, status, afterMs) => {
      const network = new ScriptedNetwork();
      const other = new ScriptedNetwork();
      const connector = scriptedConnector(network);
      const second = scriptedConnector(other, { network: "second" });
      const desk = await open(await backend(), [connector, second]);
      // It would fall back in its turn, if that were not done once only.
      await desk.connect(second, "backup", { fallback: { connection: "main", afterMs: 1000 } });
      await desk.connect(connector, "main", { fallback: { connection: "backup", afterMs } });
      const channel = await desk.person(1);
      network.otherwise = answer;
      desk.outbound.start();
      await desk.say(channel, "hello");
      const [first, standIn] = await desk.until(
        channel,
        (all) => all.length === 2 && all[1]?.status === "sent",
      );
      expect(first).toMatchObject({ connection: "main", status, fallback: null });
      expect(standIn).toMatchObject({
        connection: "backup",
        fallbackOf: first?.id,
        fallback: null,
      });
      expect([network.texts, other.texts]).toEqual([["hello"], ["hello"]]);
    },
  );

  test("what still waits when another connection stands in is called back", async () => {
    const network = new ScriptedNetwork();
    const other = new ScriptedNetwork();
    const connector = scriptedConnector(network);
    const second = scriptedConnector(other, { network: "second" });
    const desk = await open(await backend(), [connector, second]);
    await desk.connect(second, "backup");
    await desk.connect(connector, "main", { fallback: { connection: "backup", afterMs: 1000 } });
    const channel = await desk.person(1);
    network.otherwise = () => rejected("payment");
    desk.outbound.start();
    await desk.say(channel, "hello");
    const [first] = await desk.until(
      channel,
      (all) => all[0]?.status === "canceled" && all[1]?.status === "sent",
    );
    expect(first).toMatchObject({ isOpen: false });
    expect(other.texts).toEqual(["hello"]);
  });

  /** A person on `main`, for which `backup` stands in where `main` says so. */
  async function setUpPair(configSchema?: Connector["configSchema"]) {
    const network = new ScriptedNetwork();
    const other = new ScriptedNetwork();
    const connector = scriptedConnector(network);
    const main = configSchema === undefined ? connector : { ...connector, configSchema };
    const second = scriptedConnector(other, { network: "second" });
    const desk = await open(await backend(), [main, second]);
    await desk.connect(second, "backup");
    const fallback = { connection: "backup", afterMs: 600_000 };
    await desk.connect(main, "main", { fallback });
    return { network, other, desk, channel: await desk.person(1) };
  }

  test("what is said while a connection is switched off goes over the other one at once, once", async () => {
    const { network, other, desk, channel } = await setUpPair();
    await desk.change("main", { isEnabled: false });
    desk.outbound.start();
    await desk.say(channel, "hello");
    const all = await desk.until(channel, (some) => some[1]?.status === "sent");
    expect(all).toMatchObject([
      { connection: "main", status: "failed", error: { class: "no_connection" } },
      { connection: "backup", fallbackOf: all[0]?.id },
    ]);
    expect(all[0]?.error?.reason).toBe("connection main is switched off; switch it on");
    expect([network.texts, other.texts]).toEqual([[], ["hello"]]);
  });

  test("what is said while nothing stands in for a connection that is switched off is refused, with the reason", async () => {
    const { other, desk, channel } = await setUpPair();
    await desk.change("main", { isEnabled: false, fallback: null });
    desk.outbound.start();
    await desk.say(channel, "hello");
    const { error, fallback } = await desk.untilStatus(channel, "failed");
    const reason = "connection main is switched off; switch it on";
    expect([error, fallback]).toEqual([{ class: "no_connection", reason }, null]);
    expect(other.texts).toEqual([]);
  });

  const SAID_NO = { connection: "main", state: "out", source: "keyword", reason: "STOP" };

  test("what is said while a connection can't be used goes over the other one, but to whoever said no", async () => {
    const { other, desk, channel } = await setUpPair(z.object({ token: z.string() }));
    const second = await desk.person(2);
    await desk.append("p.contact.c2", "consent", { ...SAID_NO, address: "phone:+447700900002" });
    desk.outbound.start();
    for (const name of [channel, second]) await desk.say(name, "hello");
    const [first] = await desk.until(channel, (some) => some[1]?.status === "sent");
    expect(first?.error).toMatchObject({ class: "no_connection" });
    expect(first?.error?.reason).toContain("the settings of connection main do not suit");
    const all = await desk.until(second, (some) => some.length === 2);
    expect(all[1]?.error).toMatchObject({ class: "consent" });
    expect(other.texts).toEqual(["hello"]);
  });

  test("whoever said no to a connection that is switched off gets nothing through the one that stands in", async () => {
    const { other, desk, channel } = await setUpPair();
    await desk.change("main", { isEnabled: false });
    await desk.append("p.contact.c1", "consent", { ...SAID_NO, address: "phone:+447700900001" });
    desk.outbound.start();
    await desk.say(channel, "hello");
    const all = await desk.until(channel, (some) => some.length === 2);
    expect(all.map(({ connection, error }) => [connection, error?.class])).toEqual([
      ["main", "no_connection"],
      ["backup", "consent"],
    ]);
    expect(other.texts).toEqual([]);
  });
});
