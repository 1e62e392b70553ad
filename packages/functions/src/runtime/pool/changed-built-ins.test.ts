import { expect, test } from "vitest";
import type { RunReport } from "../run.ts";
import { openPool } from "./pool.fixture.ts";

function file(body: string, before = ""): string {
  return `import { beforePublish } from "@anywire/functions"; import { AsyncLocalStorage } from "node:async_hooks";
    ${before}
    export default beforePublish("*.sms.*", async (event, { kv, log }) => { ${body} });`;
}

const GOOD = file('event.message.text += "!"; await kv.get("a"); log.info("well");');

function told({ error, result }: RunReport): string {
  return `${error?.failure ?? JSON.stringify(result)} ${error?.message}`;
}

/*
 * Functions of a thread share what is built in. One that replaced `JSON.stringify`, or added to what all objects have, failed all
 * others that ran there, for as long as the thread lived.
 */
test.each([
  ["adds to all objects", "Object.prototype.error = { failure: 'threw' };", /Cannot add property/],
  ["adds to all functions", "Function.prototype.type = 'abort';", /Cannot add property/],
  ["replaces what makes JSON", "JSON.stringify = () => '{}';", /read only property 'stringify'/],
  ["replaces what arrays do", "Array.prototype.push = () => 0;", /read only property 'push'/],
  ["replaces what promises do", "Promise.prototype.then = () => {};", /read only property 'then'/],
  ["replaces what maps do", "Map.prototype.get = () => 1;", /read only property 'get'/],
  [
    "replaces how lists are walked",
    "[].values().__proto__.next = () => ({ done: true });",
    /'next'/,
  ],
  ["replaces what knows a run", "AsyncLocalStorage.prototype.getStore = () => {};", /'getStore'/],
  ["replaces a global", "globalThis.Promise = class {};", /read only property 'Promise'/],
  ["takes a global away", "delete globalThis.setImmediate;", /Cannot delete property/],
  ["stops the clock", "performance.now = () => 0;", /read only property 'now'/],
])("a run that %s fails, and those after it do not", async (_, body, words) => {
  const { run, pool } = await openPool({ "bad.ts": file(body), "good.ts": GOOD });
  const bad = told(await run("bad"));
  expect(bad).toMatch(/^threw /);
  expect(bad).toMatch(words);
  const { result, lines } = await run("good");
  expect(result).toEqual({ type: "ok", changed: { text: "hello!" } });
  expect(lines).toMatchObject([{ text: "well" }]);
  expect(pool.stats().replaced).toBe(0);
});

test("a package may add to what is built in while it is loaded, and objects may have properties of any name", async () => {
  const { run } = await openPool({
    "a.ts": file(
      `const error = new TypeError("x"); error.name = "Mine"; error.message = "y";
       const plain = {}; plain.toString = () => "mine"; plain["constructor"] = 1; plain["__proto__x"] = 2;
       globalThis.mine = (globalThis.mine ?? 0) + 1; globalThis.shared = 2;
       class Stack extends Array { push(one) { return super.push(one, one); } }
       const stack = new Stack(); stack.push(1);
       event.message.text = [String(error), String(plain), [1, 2].lastOne(), globalThis.mine, stack.length].join();`,
      "Array.prototype.lastOne = function () { return this.at(-1); }; globalThis.shared = 1;",
    ),
  });
  expect(told(await run("a"))).toContain("Mine: y,mine,2,1,2");
});
