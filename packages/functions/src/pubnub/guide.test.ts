import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runFunction } from "../author/testing/run-function.ts";
import { TRIGGERS } from "../author/trigger.ts";
import { type FromPubNub, fromPubNub } from "./from-pubnub.ts";
import * as exported from "./index.ts";
import { loadHandler } from "./load-handler.fixture.ts";
import { pubnubModule } from "./pubnub-module.ts";
import { PUBNUB_MODULES } from "./pubnub-module-names.ts";

const GUIDE = readFileSync(
  new URL("../../../../docs/guides/functions-pubnub.md", import.meta.url),
  "utf8",
);

/** The first block of code in a language. */
function block(language: string): string {
  const [, code = ""] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(GUIDE) ?? [];
  return code;
}

test("the handler of the guide runs as it is bound there", async () => {
  const bindings = JSON.parse(block("json")) as Record<string, FromPubNub<"beforePublish">>;
  const [binding] = Object.values(bindings);
  if (binding === undefined) throw new Error("the guide binds nothing");
  const definition = fromPubNub(binding, await loadHandler(block("js")));
  const { result } = await runFunction(definition, { message: "hi" }, { kv: { blocklist: [] } });
  expect(result).toEqual({ type: "ok", changed: { text: "hi", meta: { checked: true } } });
});

test("what the guide imports in a file of its own is there", () => {
  const [, names = ""] = /import \{(.*)\} from/.exec(block("ts")) ?? [];
  const imported = names.split(",").map((name) => name.trim());
  expect(imported.length).toBeGreaterThan(1);
  expect(Object.keys(exported)).toEqual(expect.arrayContaining(imported));
});

test.each(TRIGGERS)("the guide tells how to bind %s", (trigger) => {
  expect(GUIDE).toContain(`\`${trigger}\``);
});

test.each(PUBNUB_MODULES)("the guide tells of %s and each of its functions", (name) => {
  expect(GUIDE).toContain(`| \`${name}\``);
  // The packages, and Node's own, are documented where they are.
  if (["uuid", "console", "promise", "pubnub", "jwt"].includes(name)) return;
  for (const key of Object.keys(pubnubModule(name) ?? {})) expect(GUIDE).toContain(`\`${key}\``);
});

test("the guide tells of each method of pubnub, whether it works or not", () => {
  const { objects, channelGroups, push, ...methods } = exported.pubnub;
  for (const name of Object.keys(methods)) expect(GUIDE).toContain(`\`${name}\``);
  for (const name of Object.keys({ objects, channelGroups, push })) {
    expect(GUIDE).toContain(`\`${name}.*\``);
  }
});
