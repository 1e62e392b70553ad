import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { openPool } from "./pool.fixture.ts";

function after(body: string): string {
  return `import { afterPublish } from "@anywire/functions";\nexport default afterPublish("*.sms.*", async (event, { kv, secrets, channels, publish, publishData, signal, fetch, log, now, trace, functionName, platform }) => {\n${body}\n});`;
}

test("what a function asks of its context is a call to the host, with who asks and how the run is told from others", async () => {
  const { run, calls } = await openPool(
    {
      "a.ts": after(`
        log.info(JSON.stringify([
          await kv.get("k"), await kv.read("k"), await kv.set("k", { a: new Date(0) }, { ttlMs: 5 }), await kv.delete("k"),
          await kv.list(), await kv.list({ prefix: "p" }), await kv.increment("n"), await kv.increment("n", 2, { ttlMs: 5 }),
          await kv.compareAndSet("k", 3, [1]), await secrets.get("s"), await publish("production.sms.2", "hi"),
          await publish("production.sms.2", { text: "hi" }, { id: "x" }), await publishData("production.sms.2", { a: 1 }),
          await signal("production.sms.2", "typing"), await channels.get("production.sms.2"),
        ]));
        log.info([typeof now(), trace.id, functionName, platform].join());`),
    },
    {
      calls: async (_, method) => (method === "kv.read" ? { value: method, revision: 7 } : method),
    },
  );
  const { lines, error } = await run("a", { key: "K", trace: { id: "T", via: ["z"] } });
  expect(error).toBeUndefined();
  expect(JSON.parse(lines[0]?.text ?? "").slice(0, 2)).toEqual([
    "kv.read",
    { value: "kv.read", revision: 7 },
  ]);
  expect(lines[1]?.text).toBe("number,T,a,production");
  expect(calls.map(({ method, args }) => [method, ...args])).toEqual([
    ["kv.read", "k"],
    ["kv.read", "k"],
    ["kv.set", "k", { a: "1970-01-01T00:00:00.000Z" }, { ttlMs: 5 }],
    ["kv.delete", "k"],
    ["kv.list"],
    ["kv.list", { prefix: "p" }],
    ["kv.increment", "n", 1],
    ["kv.increment", "n", 2, { ttlMs: 5 }],
    ["kv.compareAndSet", "k", 3, [1]],
    ["secrets.get", "s"],
    ["publish", "production.sms.2", "hi"],
    ["publish", "production.sms.2", { text: "hi" }, { id: "x" }],
    ["publishData", "production.sms.2", { a: 1 }],
    ["signal", "production.sms.2", "typing", null],
    ["channels.get", "production.sms.2"],
  ]);
  // Each method for itself: a run that asked once more before it published, when it was tried again, published twice.
  const indexes = [1, 2, 1, 1, 1, 2, 1, 2, 1, 1, 1, 2, 1, 1, 1];
  expect(calls.map(({ origin }) => origin.index)).toEqual(indexes);
  expect(calls[0]?.origin).toEqual({
    name: "a",
    platform: "production",
    trace: { id: "T", via: ["z"] },
    key: "K",
    index: 1,
  });
});

test("an error of the host keeps its code, message and details; any other tells nothing", async () => {
  const { run } = await openPool(
    {
      "a.ts": after(`
        const told = [];
        for (const key of ["known", "unknown"]) {
          await kv.get(key).catch(({ code, message, details }) => told.push({ code, message, details }));
        }
        log.info(JSON.stringify(told));`),
    },
    {
      calls: async (_, __, [key]) => {
        if (key === "unknown") throw new Error("a secret");
        throw new AnywireError("too_large", "too much", { details: { limit: 1 } });
      },
    },
  );
  expect(JSON.parse((await run("a")).lines[0]?.text ?? "")).toEqual([
    { code: "too_large", message: "too much", details: { limit: 1 } },
    { code: "internal", message: "internal error", details: {} },
  ]);
});

test("what cannot be sent is refused where it is called: no JSON, missing or too large arguments, too many calls", async () => {
  const { run, calls } = await openPool(
    {
      "a.ts": after(`
        const a = {}; a.a = a;
        const attempts = [
          () => kv.set("k", a), () => kv.set("k", 1n), () => publishData("production.sms.2", undefined, { id: "x" }),
          () => kv.set("k", "x".repeat(5e6)),
        ];
        const told = [];
        for (const attempt of attempts) await attempt().catch(({ code, message }) => told.push(code + ": " + message));
        for (let i = 0; i < 100; i += 1) await kv.get("k").catch(({ code, message }) => told.push(code + ": " + message));
        log.info(JSON.stringify(told.slice(0, 5)) + told.length);`),
    },
    { limits: { maxCalls: 10 } },
  );
  const [line] = (await run("a")).lines;
  expect(line?.text).toMatch(
    /bad_request: kv\.set: what it is given is no JSON: Converting circular/,
  );
  expect(line?.text).toMatch(
    /bad_request: kv\.set: what it is given is no JSON: Do not know how to serialize a BigInt/,
  );
  expect(line?.text).toMatch(/bad_request: publishData: argument 2 is missing/);
  expect(line?.text).toMatch(/too_large: kv\.set: /);
  expect(line?.text).toMatch(
    /limit_exceeded: kv\.read: a run may call out 10 times \(functions\.maxCalls\)"\]98$/,
  );
  expect(calls).toHaveLength(6);
});

test("a call after the end of its run is refused and does not reach the host", async () => {
  const { run, calls, heard } = await openPool({
    "done.ts": after(
      `setTimeout(() => kv.get("k").catch(({ message }) => console.log("refused: " + message)), 5);`,
    ),
    "late.ts": after(
      `await new Promise((resolve) => setTimeout(resolve, 150)); await kv.get("k").catch(({ message }) => console.log("refused: " + message));`,
    ),
  });
  const done = heard(/done, .*refused: .*it has returned/);
  const late = heard(/late, .*refused: .*its deadline has come/);
  await Promise.all([run("done"), run("late", { deadlineMs: 50 })]);
  await Promise.all([done, late]);
  expect(calls).toEqual([]);
});

test("with effects discarded, what would change something is noted and answered as if it had happened, and reads happen", async () => {
  const { run, calls } = await openPool(
    {
      "a.ts": after(`
        await kv.set("own", 1);
        await kv.increment("own", 4);
        await Promise.all([kv.increment("own"), kv.increment("own")]);
        await kv.delete("gone");
        const { revision } = await kv.read("kept");
        const swapped = [await kv.compareAndSet("kept", revision, "new"), await kv.compareAndSet("kept", revision, "newer")];
        const published = await publish("production.sms.2", "hi", { id: "m2" });
        const opened = await channels.open({ type: "direct", participants: ["account:bob"] });
        const updated = await channels.update("production.sms.2", { title: "new" });
        const posted = await fetch("https://example.org/", { method: "POST", body: "data" });
        await signal("production.sms.2", "typing");
        log.info(JSON.stringify({
          own: await kv.get("own"), kept: await kv.get("kept"), gone: await kv.get("gone"), other: await kv.get("other"),
          keys: await kv.list(), swapped, published: [published.id, published.channel], opened: opened.participants, updated, status: posted.status,
        }));`),
    },
    {
      calls: async (_, method, [key]) => {
        if (method === "kv.list") return ["gone", "kept", "other"];
        if (method === "channels.get") return { channel: key, title: "old" };
        return { value: `host's ${key}`, revision: 3 };
      },
    },
  );
  const { lines, effects, error } = await run("a", { effects: "discard" });
  expect(error).toBeUndefined();
  expect(JSON.parse(lines[0]?.text ?? "")).toEqual({
    own: 7,
    kept: "new",
    other: "host's other",
    keys: ["kept", "other", "own"],
    swapped: [true, false],
    published: ["m2", "production.sms.2"],
    opened: ["account:bob"],
    updated: { channel: "production.sms.2", title: "new" },
    status: 202,
  });
  expect(effects.map(({ method }) => method)).toEqual([
    "kv.set",
    "kv.increment",
    "kv.increment",
    "kv.increment",
    "kv.delete",
    "kv.compareAndSet",
    "kv.compareAndSet",
    "publish",
    "channels.open",
    "channels.update",
    "fetch",
    "signal",
  ]);
  expect(effects.find(({ method }) => method === "fetch")?.args).toEqual([
    "POST",
    "https://example.org/",
    "data",
  ]);
  expect(new Set(calls.map(({ method }) => method))).toEqual(
    new Set(["kv.read", "kv.list", "channels.get"]),
  );
});
