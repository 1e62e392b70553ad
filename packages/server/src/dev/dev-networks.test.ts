import { expect, test, vi } from "vitest";
import { startDevNetworks } from "./dev-networks.ts";
import { createFakeConnector, type FakeSimulator } from "./fake-connector.fixture.ts";

const webhookUrlOf = (connection: string): string => `http://127.0.0.1:4000/w/${connection}`;

/** Fails where nothing may go wrong. */
function onError(connector: string, error: unknown): void {
  throw new Error(`${connector} failed`, { cause: error });
}

test("each connector with a simulator gets one, which calls the connection's own webhook", async () => {
  const urls: string[] = [];
  const connectors = ["sms", "email"].map((network) =>
    createFakeConnector({ id: `a-${network}`, network, onStart: (_, url) => void urls.push(url) }),
  );
  const { simulator: _, ...bare } = createFakeConnector({ id: "bare", network: "x" });
  const { networks } = await startDevNetworks({
    connectors: [...connectors, bare],
    webhookUrlOf,
    onError,
  });
  expect(networks.map(({ connection, connector }) => [connection, connector.id])).toEqual([
    ["demo-sms", "a-sms"],
    ["demo-email", "a-email"],
  ]);
  expect(urls).toEqual([webhookUrlOf("demo-sms"), webhookUrlOf("demo-email")]);
});

test("two connectors of one network have connections of their own, also when the first does not start", async () => {
  const failing = { start: () => Promise.reject(new Error("no port")) };
  const errors: string[] = [];
  for (const first of [{}, failing]) {
    const { networks } = await startDevNetworks({
      connectors: [
        createFakeConnector({ id: "one", network: "whatsapp", ...first }),
        createFakeConnector({ id: "two", network: "whatsapp" }),
      ],
      webhookUrlOf,
      onError: (connector) => void errors.push(connector),
    });
    expect(networks.at(-1)).toMatchObject({ connection: "demo-two", connector: { id: "two" } });
  }
  expect(errors).toEqual(["one"]);
});

test("a simulator that hangs is given up, leaves the others, and is ended when it comes after all", async () => {
  const hanging = Promise.withResolvers<FakeSimulator>();
  const errors: unknown[] = [];
  const { networks } = await startDevNetworks({
    connectors: [
      createFakeConnector({ id: "hangs", start: () => hanging.promise }),
      createFakeConnector({ id: "starts", network: "email" }),
    ],
    webhookUrlOf,
    onError: (_, error) => void errors.push(error),
    startTimeoutMs: 20,
  });
  expect(networks.map(({ connector }) => connector.id)).toEqual(["starts"]);
  expect(String(errors[0])).toContain("the simulator of hangs did not start in 20 ms");

  const close = vi.fn(async () => {});
  hanging.resolve({ close } as unknown as FakeSimulator);
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
});

test("a simulator whose settings its own connector refuses is ended, and leaves the others", async () => {
  const close = vi.fn(async () => {});
  const broken = { settings: { port: "none" }, secrets: {}, close } as unknown as FakeSimulator;
  const errors: string[] = [];
  const { networks } = await startDevNetworks({
    connectors: [
      createFakeConnector({ id: "broken", start: async () => broken }),
      createFakeConnector({ id: "starts", network: "email" }),
    ],
    webhookUrlOf,
    onError: (connector) => void errors.push(connector),
  });
  expect(networks.map(({ connector }) => connector.id)).toEqual(["starts"]);
  expect(errors).toEqual(["broken"]);
  expect(close).toHaveBeenCalledOnce();
});

test("closing ends every simulator, also when one can't be ended", async () => {
  const started: FakeSimulator[] = [];
  const close = () => Promise.reject(new Error("stuck"));
  const stuck = { settings: { port: 1 }, secrets: {}, close } as unknown as FakeSimulator;
  const dev = await startDevNetworks({
    connectors: [
      createFakeConnector({ id: "stuck", start: async () => stuck }),
      createFakeConnector({ id: "ends", onStart: (simulator) => void started.push(simulator) }),
    ],
    webhookUrlOf,
    onError,
  });
  await dev.close();
  expect(started.map(({ isClosed }) => isClosed)).toEqual([true]);
});
