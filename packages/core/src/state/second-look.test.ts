import { AnywireError } from "@anywire/types";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createSecondLook, type SecondLook } from "./second-look.ts";
import { createTrailingState, type TrailingState } from "./trailing-state.fixture.ts";

const ROOM = "p.group.room";

let trailing: TrailingState;
let secondLook: SecondLook;
let looks: number;

beforeEach(async () => {
  trailing = await createTrailingState();
  secondLook = createSecondLook(trailing.log, trailing.state);
  looks = 0;
});

async function say(channel: string): Promise<void> {
  const id = `${channel}-${Math.random()}`.replaceAll(".", "");
  await trailing.log.append({ channel, id, kind: "data", sender: "account:ann", dataJson: "{}" });
}

/** Refuses as long as the state has nothing. */
async function look(): Promise<string> {
  looks += 1;
  if ((await trailing.state.position()) > 0) return "found";
  throw new AnywireError("not_found", "there is nothing");
}

test("refuses only once the state has all that is in the log of the channel", async () => {
  await say(ROOM);
  const looking = secondLook(ROOM, look);
  await expect.poll(() => looks).toBe(1);
  await trailing.comeAlong();
  expect(await looking).toBe("found");
  expect(looks).toBe(2);
});

test("refuses at once when the log has nothing of the channel, however far the state trails", async () => {
  await say("p.group.hall");
  await expect(async () => secondLook(ROOM, look)).rejects.toMatchObject({ code: "not_found" });
  expect(looks).toBe(2);
});

test("looks once when that is enough, and when what went wrong is no refusal", async () => {
  await say(ROOM);
  expect(await secondLook(ROOM, () => "there")).toBe("there");
  const fail = () => {
    looks += 1;
    throw new AnywireError("unavailable", "the state is away");
  };
  await expect(async () => secondLook(ROOM, fail)).rejects.toMatchObject({ code: "unavailable" });
  expect(looks).toBe(1);
});

// Clients that got no answer to a subscription within five seconds gave their connection up, again and again.
test("is unavailable while SDKs still wait, when the state does not come along", async () => {
  await say(ROOM);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const looking = expect(secondLook(ROOM, look)).rejects.toMatchObject({ code: "unavailable" });
  await vi.advanceTimersByTimeAsync(4_500);
  await looking;
});
