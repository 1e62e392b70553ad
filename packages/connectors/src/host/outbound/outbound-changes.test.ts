import { afterEach, expect, test, vi } from "vitest";
import { createDesks, DESK_BACKENDS, PATIENT } from "./outbound-desk.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

test("a message that was deleted before its turn is not sent, one that was edited is sent as it is now", async () => {
  const { network, desk, channel } = await setUp({ changes: true });
  const first = await desk.say(channel, "gone");
  const second = await desk.say(channel, "old");
  await desk.append(channel, "delete", { target: first.id });
  await desk.append(channel, "edit", { target: second.id, message: { text: "new" } });
  desk.outbound.start();
  await desk.until(channel, (all) => all.length > 0 && all.every(({ isOpen }) => !isOpen));
  await vi.waitFor(() => expect(network.texts).toEqual(["new"]), PATIENT);
});

test("edits, marks and deletions follow the message where the network can", async () => {
  const { network, desk, channel } = await setUp({ changes: true });
  desk.outbound.start();
  const { id } = await desk.say(channel, "one");
  const { id: delivery } = await desk.untilStatus(channel, "sent");
  await desk.append(channel, "edit", { target: id, message: { text: "two" } });
  await desk.append(channel, "reaction", { target: id, emoji: "👍", action: "add" });
  await desk.append(channel, "reaction", { target: id, emoji: "👍", action: "remove" });
  await vi.waitFor(() => expect(network.changes).toHaveLength(3), PATIENT);
  await desk.append(channel, "delete", { target: id });
  await vi.waitFor(() =>
    expect(network.changes.map(({ what }) => what)).toEqual([
      "edit",
      "add 👍",
      "remove 👍",
      "delete",
    ]),
  );
  expect(network.changes[0]).toMatchObject({
    externalIds: [`x-${delivery}`],
    content: { text: "two" },
  });
});

test("a mark on what a contact said goes to where it came from", async () => {
  const { network, desk, channel } = await setUp({ changes: true });
  const { id } = await desk.say(channel, "hi", { sender: "contact:c1" });
  await desk.append("p.connection.main", "inbound", {
    step: "routed",
    externalId: "in-1",
    contact: "contact:c1",
    address: "phone:+447700900001",
    receiver: null,
    channel,
    message: id,
    at: 1,
  });
  desk.outbound.start();
  await desk.append(channel, "reaction", { target: id, emoji: "❤️", action: "add" });
  await vi.waitFor(() =>
    expect(network.changes).toMatchObject([
      { externalIds: ["in-1"], to: "phone:+447700900001", what: "add ❤️" },
    ]),
  );
});

test("an answer names what it answers, and an email those before it", async () => {
  const { network, desk, channel } = await setUp({
    capabilities: { reply: "full", references: true },
  });
  desk.outbound.start();
  const first = await desk.say(channel, "one");
  const { id } = await desk.untilStatus(channel, "sent");
  await desk.say(channel, "two", { data: { replyTo: first.id } });
  await vi.waitFor(() => expect(network.jobs).toHaveLength(2), PATIENT);
  expect(network.jobs[1]).toMatchObject({
    ...{ replyTo: `x-${id}`, references: [`x-${id}`] },
    opening: { text: "one" },
  });
});
