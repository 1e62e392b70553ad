import type { ChannelSummary } from "@anywire/types";
import { expect, test } from "vitest";
import { displayName } from "../conversation/people.ts";
import { isMuted, networkOf, peerOf, previewOf, titleOf, titleOfName } from "./describe-channel.ts";

const BOB = "account:bob";
const JUNE = "account:june";

test("a direct channel is called by the other one, whatever its title", () => {
  expect(
    titleOf(row({ type: "direct", participants: [BOB, JUNE], title: "x" }), BOB, displayName),
  ).toBe("June");
  expect(titleOf(row({ type: "direct", participants: [BOB, JUNE] }), JUNE, displayName)).toBe(
    "Bob",
  );
});

test("a group is called by its title, and without one by who is in it", () => {
  expect(titleOf(row({ title: "Design" }), BOB, displayName)).toBe("Design");
  expect(titleOf(row({ participants: [BOB, JUNE, "account:ann"] }), BOB, displayName)).toBe(
    "June and Ann",
  );
  expect(titleOf(row({ participants: [BOB] }), BOB, displayName)).toBe("Only you");
});

test("a channel that leads outside is called by who is there, unless it has a title", () => {
  const participants = [BOB, JUNE, "contact:k3f0aa11"];
  expect(titleOf(row({ type: "sms", participants }), BOB, displayName)).toBe("Contact k3f0aa");
  expect(titleOf(row({ type: "email", participants, title: "Offer" }), BOB, displayName)).toBe(
    "Offer",
  );
});

test("a channel leads over a network when somebody outside is in it", () => {
  expect(networkOf(row({ type: "sms", participants: [BOB, "contact:k3"] }))).toBe("sms");
  expect(networkOf(row({ type: "direct", participants: [BOB, JUNE] }))).toBeUndefined();
});

test("what the only one outside said is told without a name", () => {
  const ann = "contact:k3";
  const said = { sender: ann, text: "hello" };
  expect(previewOf(row({ participants: [BOB, JUNE, ann] }, said), BOB, displayName)).toBe("hello");
  expect(previewOf(row({ participants: [BOB, ann, "contact:k4"] }, said), BOB, displayName)).toBe(
    "Contact k3: hello",
  );
});

test("only a direct channel has a peer", () => {
  expect(peerOf(row({ type: "direct", participants: [BOB, JUNE] }), BOB)).toBe(JUNE);
  expect(peerOf(row({ participants: [BOB, JUNE] }), BOB)).toBeUndefined();
});

test("a channel of which only the name is known is called by its id", () => {
  expect(titleOfName("production.group.lobby")).toBe("Lobby");
});

test("the last message is told with its sender, where that is not plain", () => {
  const said = { sender: JUNE, text: "hello" };
  expect(previewOf(row({}, said), BOB, displayName)).toBe("June: hello");
  expect(previewOf(row({}, said), JUNE, displayName)).toBe("You: hello");
  expect(previewOf(row({ type: "direct" }, said), BOB, displayName)).toBe("hello");
  expect(previewOf(row({}), BOB, displayName)).toBe("No messages yet");
});

test("of what has no text it is told what it is", () => {
  expect(previewOf(row({}, { parts: ["image"] }), BOB, displayName)).toBe("June: Photo");
  expect(previewOf(row({}, { deleted: true }), BOB, displayName)).toBe("June: Message deleted");
});

test("a channel is mute until then", () => {
  expect(isMuted(row({ mutedUntil: 10 }), 9)).toBe(true);
  expect(isMuted(row({ mutedUntil: 10 }), 10)).toBe(false);
  expect(isMuted(row({}), 0)).toBe(false);
});

function row(fields: Partial<ChannelSummary>, said?: object): ChannelSummary {
  const nothing = { sender: JUNE, text: "", parts: [], deleted: false };
  const lastMessage = said === undefined ? null : { ...nothing, ...said };
  const rest = { type: "group", title: null, participants: [], mutedUntil: null };
  return { ...rest, lastMessage, ...fields } as unknown as ChannelSummary;
}
