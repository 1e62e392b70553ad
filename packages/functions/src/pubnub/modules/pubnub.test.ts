import { expect, test } from "vitest";
import { createTestContext, type TestContextOptions } from "../../author/testing/test-context.ts";
import { runAsCurrent } from "../current-run.ts";
import { pubnub } from "./pubnub.ts";

const CHANNEL = "production.group.lobby";
const NOW = Date.UTC(2030, 0, 1);

/** Calls it in a run, and gives the context and what came back. */
async function inRun<R>(call: () => Promise<R>, options: TestContextOptions = {}) {
  const context = createTestContext({ now: NOW, ...options });
  return { context, answer: await runAsCurrent(context, call) };
}

test("publish stores a message where there is a text, and its other fields as meta", async () => {
  const { context, answer } = await inRun(() =>
    pubnub.publish({ channel: CHANNEL, message: { text: "hi", userId: "7" } }),
  );
  expect(context.published).toMatchObject([
    { channel: CHANNEL, kind: "message", message: { text: "hi", meta: { userId: "7" } } },
  ]);
  const timetoken = context.published[0]?.timetoken;
  expect([...answer]).toEqual([1, "Sent", timetoken]);
  expect(answer.timetoken).toBe(timetoken);
});

test.each([
  ["a text", "hi", { kind: "message", message: { text: "hi" } }],
  ["other JSON", { temperature: 21 }, { kind: "data", data: { temperature: 21 } }],
  ["an array", [1, 2], { kind: "data", data: [1, 2] }],
])("publish of %s", async (_, message, expected) => {
  const { context } = await inRun(() => pubnub.publish({ channel: CHANNEL, message }));
  expect(context.published).toMatchObject([expected]);
});

test("parameters that change nothing are taken", async () => {
  const params = { storeInHistory: true, sendByPost: true, replicate: false, meta: undefined };
  const { context } = await inRun(() =>
    pubnub.publish({ channel: CHANNEL, message: "hi", ...params }),
  );
  expect(context.published).toHaveLength(1);
});

test.each([
  ["publish", { message: "x", storeInHistory: false }, "use pubnub.signal for what shall not be"],
  ["publish", { message: "x", ttl: 24 }, "the parameter ttl of pubnub.publish is not supported"],
  ["publish", { message: "x", meta: { a: 1 } }, "the parameter meta of pubnub.publish"],
  ["signal", { message: "x", uuid: "7" }, "the parameter uuid of pubnub.signal"],
  ["history", { start: "17" }, "the parameter start of pubnub.history"],
  ["history", { reverse: true }, "the parameter reverse of pubnub.history"],
] as const)("%s with %j is refused rather than done otherwise", async (method, params, text) => {
  const call = () => pubnub[method]({ channel: CHANNEL, ...params });
  await expect(inRun<unknown>(call)).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining(text),
  });
});

test.each([
  ["publish without a message", () => pubnub.publish({ channel: CHANNEL }), "message is missing"],
  ["publish without a channel", () => pubnub.publish({ message: 1 }), "channel must be a text"],
  ["fetchMessages without channels", () => pubnub.fetchMessages({}), "channels must be a list"],
  ["publish without parameters", () => pubnub.publish(null as never), "must be an object"],
])("%s is refused", async (_, call, text) => {
  await expect(inRun<unknown>(call)).rejects.toThrow(text);
});

test("publish on another platform is refused, as everywhere", async () => {
  const call = () => pubnub.publish({ channel: "staging.group.lobby", message: "hi" });
  await expect(inRun(call)).rejects.toMatchObject({ code: "permission_denied" });
});

test("signal tells it live, with its message as data", async () => {
  const { context, answer } = await inRun(async () => {
    await pubnub.signal({ channel: CHANNEL, message: 1, customMessageType: "typing" });
    return pubnub.signal({ channel: CHANNEL, message: { t: true } });
  });
  expect(context.signals).toEqual([
    { channel: CHANNEL, kind: "typing", data: 1 },
    { channel: CHANNEL, kind: "signal", data: { t: true } },
  ]);
  expect(answer.timetoken).toBe(`${NOW}0000`);
});

const channels = [
  {
    channel: CHANNEL,
    messages: [
      { text: "one", at: NOW - 2 },
      { text: "two", meta: { userId: "7" }, sender: "phone:+447700900123", at: NOW - 1 },
      { text: "three", at: NOW },
    ],
    present: ["ann", "ann", "bob"],
  },
  { channel: "production.group.other", messages: ["four"] },
];

test("history gives the newest messages, oldest of them first", async () => {
  const { answer } = await inRun(() => pubnub.history({ channel: CHANNEL, count: 2 }), {
    channels,
  });
  expect(answer).toEqual({
    messages: [
      { entry: { text: "two", userId: "7" }, timetoken: `${NOW - 1}0000` },
      { entry: { text: "three" }, timetoken: `${NOW}0000` },
    ],
    startTimeToken: `${NOW - 1}0000`,
    endTimeToken: `${NOW}0000`,
  });
});

test("the history of a channel on which nothing was said is empty", async () => {
  const empty = [{ channel: CHANNEL }];
  const { answer } = await inRun(() => pubnub.history({ channel: CHANNEL }), { channels: empty });
  expect(answer).toEqual({ messages: [], startTimeToken: "0", endTimeToken: "0" });
});

test("fetchMessages gives the messages of each channel, and who said them", async () => {
  const names = channels.map(({ channel }) => channel);
  const { answer } = await inRun(() => pubnub.fetchMessages({ channels: names, count: 2 }), {
    channels,
  });
  expect(answer.channels[CHANNEL]).toEqual([
    {
      channel: CHANNEL,
      message: { text: "two", userId: "7" },
      timetoken: `${NOW - 1}0000`,
      uuid: "phone:+447700900123",
    },
    { channel: CHANNEL, message: { text: "three" }, timetoken: `${NOW}0000`, uuid: "bob" },
  ]);
  expect(answer.channels["production.group.other"]).toHaveLength(1);
});

test.each([
  [[CHANNEL], undefined, 100],
  [[CHANNEL], 1_000, 100],
  [[CHANNEL], 0, 1],
  [[CHANNEL, "production.group.other"], undefined, 25],
])("of %j with a count of %s at most %i each are fetched", async (names, count, expected) => {
  const messages = Array.from({ length: 120 }, (_, i) => `message ${i}`);
  const { answer } = await inRun(() => pubnub.fetchMessages({ channels: names, count }), {
    channels: names.map((channel) => ({ channel, messages })),
  });
  expect(answer.channels[CHANNEL]).toHaveLength(expected);
});

test("hereNow counts accounts, each once", async () => {
  const { answer } = await inRun(() => pubnub.hereNow({ channels: [CHANNEL] }), { channels });
  expect(answer).toEqual({
    totalChannels: 1,
    totalOccupancy: 2,
    channels: {
      [CHANNEL]: {
        name: CHANNEL,
        occupancy: 2,
        occupants: [
          { uuid: "ann", state: null },
          { uuid: "bob", state: null },
        ],
      },
    },
  });
});

test("hereNow without names gives numbers only", async () => {
  const call = () => pubnub.hereNow({ channels: [CHANNEL], includeUUIDs: false });
  const { answer } = await inRun(call, { channels });
  expect(answer.channels[CHANNEL]).toMatchObject({ occupancy: 2, occupants: [] });
});

test("time is that of the run", async () => {
  const { answer } = await inRun(() => pubnub.time());
  expect(answer).toEqual({ timetoken: `${NOW}0000` });
});

test.each([
  ["fire", () => pubnub.fire(), "publish on a channel that nobody but functions follows"],
  ["grantToken", () => pubnub.grantToken(), "access is by the tokens of accounts"],
  ["objects.getChannelMetadata", () => pubnub.objects.getChannelMetadata(), "channels.get"],
  ["channelGroups.addChannels", () => pubnub.channelGroups.addChannels(), "a pattern"],
  ["push.addChannels", () => pubnub.push.addChannels(), "register their devices"],
])("%s rejects, and says what to do instead", async (method, call, instead) => {
  await expect(call()).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(new RegExp(`^pubnub\\.${method} is not supported here: `)),
  });
  await expect(call()).rejects.toThrow(instead);
});

test("what gives its answer at once throws at once", () => {
  expect(() => pubnub.getFileUrl()).toThrow("pubnub.getFileUrl is not supported here");
  expect(() => pubnub.parseToken()).toThrow("pubnub.parseToken is not supported here");
});

test("generateUUID gives a new one each time", () => {
  expect(pubnub.generateUUID()).not.toBe(pubnub.generateUUID());
});
