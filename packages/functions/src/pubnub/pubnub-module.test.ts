import { expect, test } from "vitest";
import { pubnubModule, pubnubModuleSource } from "./pubnub-module.ts";
import { PUBNUB_MODULES } from "./pubnub-module-names.ts";

test.each(PUBNUB_MODULES)("%s is there", (name) => {
  expect(pubnubModule(name)).toBeDefined();
  expect(pubnubModuleSource(name)).toContain(JSON.stringify(name));
});

test.each(["fs", "node:crypto", "toString", "__proto__", ""])("%j is none of PubNub's", (name) => {
  expect(pubnubModule(name)).toBeUndefined();
  expect(pubnubModuleSource(name)).toBeUndefined();
});

test("console is that of the moment, which a run may have replaced", () => {
  expect(pubnubModule("console")).toBe(globalThis.console);
});

test.each(PUBNUB_MODULES)(
  "the source of %s exports the module whole and in parts",
  async (name) => {
    const source = pubnubModuleSource(name) ?? "";
    // In place of the import, which only a worker resolves.
    const module = pubnubModule(name);
    const holder = `__pubnubModuleTest_${name.replace(/\W/g, "_")}`;
    Object.assign(globalThis, { [holder]: module });
    const body = source.replace(/^import .*\n/, "").replace(/pubnubModule\(".*"\)/, holder);
    const url = `data:text/javascript,${encodeURIComponent(body)}`;
    const loaded: Record<string, unknown> = await import(/* @vite-ignore */ url);
    expect(loaded["default"]).toBe(module);
    expect(loaded["module.exports"]).toBe(module);
    for (const [key, value] of Object.entries(module ?? {})) expect(loaded[key]).toBe(value);
  },
);
