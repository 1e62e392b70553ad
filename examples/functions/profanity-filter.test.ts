import { runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import profanityFilter from "./profanity-filter.ts";

test("rude words are masked, whole words only, in whatever case", async () => {
  const { result } = await runFunction(profanityFilter, {
    message: "Damn, that crap again! Scrape it off.",
  });
  expect(result).toEqual({
    type: "ok",
    changed: { text: "****, that **** again! Scrape it off." },
  });
});

test("a polite message goes on as it was", async () => {
  const { result } = await runFunction(profanityFilter, { message: "Good morning" });
  expect(result).toEqual({ type: "ok" });
});

test("nobody gets around it by an edit, or by a part", async () => {
  const edit = await runFunction(profanityFilter, { kind: "edit", message: "damn" });
  expect(edit.result).toMatchObject({ changed: { text: "****" } });
  const message = { text: "", parts: [{ type: "text" as const, text: "bloody" }] };
  const part = await runFunction(profanityFilter, { message });
  expect(part.result).toMatchObject({ changed: { parts: [{ text: "******" }] } });
});

test("the list is that of the key-value store, where there is one", async () => {
  const run = await runFunction(
    profanityFilter,
    { message: "Damn the Übel" },
    { kv: { "rude-words": ["übel"] } },
  );
  expect(run.result).toMatchObject({ changed: { text: "Damn the ****" } });
});
