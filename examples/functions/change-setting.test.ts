import { createTestContext, runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import changeSetting from "./change-setting.ts";

const OFFICE_HOURS = { from: 8, to: 20, timeZone: "Asia/Kolkata" };

async function put(name: string, body: unknown, accountId = "admin") {
  const { response, kv } = await runFunction(changeSetting, { accountId, params: { name }, body });
  return { status: response.status, kv };
}

test.each([
  ["office-hours", OFFICE_HOURS],
  ["rude-words", ["darn"]],
  ["rude-words", []],
])("an admin changes %s to %j", async (name, value) => {
  expect(await put(name, value)).toEqual({ status: 200, kv: { [name]: value } });
});

test.each([
  ["office-hours", { ...OFFICE_HOURS, from: 25 }],
  ["office-hours", { ...OFFICE_HOURS, to: 17.5 }],
  ["office-hours", { ...OFFICE_HOURS, timeZone: "Mars/Olympus" }],
  ["office-hours", { from: 8, to: 20 }],
  ["office-hours", null],
  ["rude-words", "darn"],
  ["rude-words", [7]],
])("what would break those who read it is refused: %s = %j", async (name, value) => {
  expect(await put(name, value)).toEqual({ status: 400, kv: {} });
});

test("others are refused, and so is a key that is no setting", async () => {
  expect(await put("rude-words", [], "bob")).toEqual({ status: 403, kv: {} });
  expect(await put("toString", [])).toEqual({ status: 404, kv: {} });
});

test("a setting takes the place of the one before", async () => {
  const context = createTestContext({ kv: { "rude-words": ["old"] } });
  const event = { accountId: "admin", params: { name: "rude-words" }, body: ["new"] };
  const { kv } = await runFunction(changeSetting, event, { context });
  expect(kv).toEqual({ "rude-words": ["new"] });
});
