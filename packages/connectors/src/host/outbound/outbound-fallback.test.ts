import { afterEach, describe, expect, test } from "vitest";
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
});
