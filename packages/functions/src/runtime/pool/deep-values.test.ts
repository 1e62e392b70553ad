import { expect, test } from "vitest";
import type { RunReport } from "../run.ts";
import { openPool } from "./pool.fixture.ts";

/** A function that has a value that is 5,000 arrays in each other. */
function file(body: string): string {
  return `import { beforePublish } from "@anywire/functions";
    const deep = JSON.parse("[".repeat(5_000) + "]".repeat(5_000));
    export default beforePublish("*.sms.*", async (event, { kv, log, publishData }) => { ${body} });`;
}

function told({ error, lines }: RunReport): string {
  return `${error?.failure} ${error?.message ?? JSON.stringify(lines[0]?.fields)}`;
}

/*
 * What is nested deeply is JSON all the same, but cannot be cloned into another thread: a value that one function had kept ended the
 * server when another one asked for it, and a result took all that its worker had to say along with it.
 */
test.each([
  ["a result", "event.message.meta = { deep };", /^bad_result what goes on is nested deeper/],
  ["a value to keep", 'await kv.set("a", deep);', /^threw .*kv\.set: .* nested deeper than 256/],
  [
    "what it sends",
    'await publishData("production.sms.2", deep);',
    /^threw .*publishData: .*deeper/,
  ],
  ["what it logs", 'log.info("deep", { deep });', /^undefined .*nested too deep and are left out/],
])(
  "%s that is nested too deep is refused, and runs beside it are not touched",
  async (_, body, words) => {
    const { run, calls } = await openPool({
      "deep.ts": file(body),
      "good.ts": file('await kv.get("a");'),
    });
    const [deep, good] = await Promise.all([run("deep"), run("good")]);
    expect(told(deep)).toMatch(words);
    expect(good.result).toEqual({ type: "ok" });
    expect(calls.map(({ method }) => method)).toEqual(["kv.read"]);
    const [discarded, beside] = await Promise.all([
      run("deep", { effects: "discard" }),
      run("good"),
    ]);
    expect(told(discarded)).toMatch(words);
    expect(beside.result).toEqual({ type: "ok" });
  },
);

test("what a worker was tricked into asking is refused all the same", async () => {
  const trick = `const { parse, stringify } = JSON;
    const asked = '["a",' + "[".repeat(5_000) + "]".repeat(5_000) + "]";
    JSON.parse = (text) => (text === asked ? 1 : parse(text));
    JSON.stringify = (value, ...how) => (value?.[0] === "trick" ? asked : stringify(value, ...how));`;
  const { run, calls } = await openPool({
    "deep.ts": `${trick} ${file('await kv.set("trick", 1);')}`,
  });
  expect(told(await run("deep"))).toMatch(/^threw .*kv\.set: it is nested deeper than 256 levels/);
  expect(calls).toEqual([]);
});
