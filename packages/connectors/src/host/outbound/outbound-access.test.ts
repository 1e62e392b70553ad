import { afterEach, expect, test, vi } from "vitest";
import type { SendResult } from "../../contract/send.ts";
import { createSecretVault } from "../connections/secret-vault.ts";
import { createDesks, DESK_BACKENDS, type OutboundDesk, PATIENT } from "./outbound-desk.fixture.ts";
import { accepted, rejected } from "./scripted-connector.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

/** Keeps a password, and tells that it is a new one. */
async function giveSecret(desk: OutboundDesk, value: string): Promise<void> {
  const vault = createSecretVault(desk.stores.kv, "secret");
  await vault.write("main", { secrets: { password: [{ value, until: null }] } });
  const given = { action: "rotated", secrets: ["password"], overlapUntil: Date.now() };
  await desk.append("p.connection.main", "connection", given);
}

// An operator who mended a password was told for another minute that it is wrong: the pause that it had brought went on.
test.each<[string, (desk: OutboundDesk) => Promise<void>]>([
  ["secrets", (desk) => giveSecret(desk, "right")],
  ["settings", (desk) => desk.change("main", { settings: { url: "https://right.example" } })],
])("new %s are tried at once, however long the network was to be left alone", async (_, mend) => {
  const pauses = { breakerPauseMs: 3_600_000, breakerMaxPauseMs: 3_600_000 };
  const { network, desk, channel } = await setUp({}, { settings: pauses });
  await giveSecret(desk, "wrong");
  network.otherwise = () => rejected("auth");
  desk.outbound.start();
  await desk.say(channel, "hello");
  const health = () => desk.outbound.health("main");
  await vi.waitFor(() => expect(health()).toMatchObject({ humanAction: "relogin" }), PATIENT);
  // Another change says nothing of why it failed.
  await desk.change("main", { title: "Main" });
  await desk.change("main", { isDefault: false });
  const read = vi.spyOn(desk.connections, "find");
  await vi.waitFor(() => expect(read).toHaveBeenCalled(), PATIENT);
  expect(health()).toMatchObject({ humanAction: "relogin" });
  network.otherwise = (job) => accepted(job);
  await mend(desk);
  await desk.untilStatus(channel, "sent");
  expect(health()).toMatchObject({ state: "ok", humanAction: "none" });
  expect(network.texts).toEqual(["hello", "hello"]);
});

// A password was mended while calls with the wrong one were under way: the first of them to end stopped all for another pause.
test.each<[SendResult]>([[rejected("auth")], [{ outcome: "unknown", reason: "silence" }]])(
  "what began with other secrets and ends with %j says nothing of the new ones",
  async (late) => {
    const pauses = { breakerPauseMs: 3_600_000, breakerMaxPauseMs: 3_600_000 };
    const settings = { breakerFailures: 1, ...pauses };
    const { network, desk, channel } = await setUp({}, { settings });
    await giveSecret(desk, "wrong");
    const other = await desk.person(2);
    const answers: ((result: SendResult) => void)[] = [];
    const wait = () => new Promise<SendResult>((resolve) => answers.push(resolve));
    network.script.push(wait, wait);
    desk.outbound.start();
    await desk.say(channel, "one");
    await desk.say(other, "two");
    await vi.waitFor(() => expect(answers).toHaveLength(2), PATIENT);
    const health = () => desk.outbound.health("main");
    answers[0]?.(rejected("auth"));
    await vi.waitFor(() => expect(health()).toMatchObject({ state: "down" }), PATIENT);
    await giveSecret(desk, "right");
    await vi.waitFor(() => expect(health()).toMatchObject({ state: "ok" }), PATIENT);
    answers[1]?.(late);
    await vi.waitFor(() => expect(desk.outbound.stats()).toMatchObject([{ inFlight: 0 }]), PATIENT);
    const third = await desk.person(3);
    await desk.say(third, "three");
    await desk.untilStatus(third, "sent");
    expect(health()).toMatchObject({ state: "ok", humanAction: "none" });
  },
);
