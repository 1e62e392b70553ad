import { runFunction, type TestFetch } from "@anywire/functions";
import { expect, test } from "vitest";
import translate from "./translate.ts";

const secrets = { TRANSLATE_URL: "https://translate.example.org", TRANSLATE_KEY: "k-1" };
const german = { id: "m-7", channel: "production.group.desk", message: "Guten Morgen" };

function answering(translatedText: string, language: string): TestFetch {
  return () => Response.json({ translatedText, detectedLanguage: { language, confidence: 90 } });
}

test("a message in another language is followed by its translation", async () => {
  const { published, requests } = await runFunction(translate, german, {
    secrets,
    fetch: answering("Good morning", "de"),
  });
  expect(requests).toMatchObject([
    { method: "POST", url: "https://translate.example.org/translate" },
  ]);
  expect(JSON.parse(requests[0]?.body ?? "")).toEqual({
    q: "Guten Morgen",
    source: "auto",
    target: "en",
    api_key: "k-1",
  });
  expect(published).toMatchObject([
    {
      channel: "production.group.desk",
      message: { text: "Good morning", replyTo: "m-7", meta: { translatedFrom: "de" } },
    },
  ]);
});

test("what the team reads anyway is left alone", async () => {
  const fetch = answering("Good morning", "en");
  const { published } = await runFunction(
    translate,
    { message: "Good morning" },
    { secrets, fetch },
  );
  expect(published).toEqual([]);
});

test("its own translations are not translated again", async () => {
  const { requests } = await runFunction(
    translate,
    { ...german, trace: { id: "m-1", via: ["test"] } },
    { secrets },
  );
  expect(requests).toEqual([]);
});

test("an API that fails is tried again", async () => {
  const fetch = () => new Response("", { status: 429 });
  const run = runFunction(translate, german, { secrets, fetch });
  await expect(run).rejects.toThrow("the translation API answered 429");
});

test("pictures, and everything while there is no API, are left alone", async () => {
  const parts = [{ type: "image" as const, url: "https://example.org/cat.jpg" }];
  const picture = await runFunction(translate, { message: { parts } }, { secrets });
  const without = await runFunction(translate, german);
  expect([picture.requests, picture.published]).toEqual([[], []]);
  expect([without.requests, without.published]).toEqual([[], []]);
});
