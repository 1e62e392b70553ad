import { expect, test, vi } from "vitest";
import { beforePublish, FunctionFault, isFunctionDefinition, runFunction } from "../index.ts";
import { defineFunction } from "./define-function.ts";

const reply = (returned: unknown) => defineFunction("beforePublish", "*.sms.*", () => returned);
const after = (returned: unknown) => defineFunction("afterPublish", "*.sms.*", () => returned);

test("a definition is known as one, also when another copy of the package made it", async () => {
  const own = beforePublish("*.sms.*", () => {});
  vi.resetModules();
  const copy = await import("../index.ts");
  expect(copy.beforePublish).not.toBe(beforePublish);
  expect(copy.isFunctionDefinition(own)).toBe(true);
  expect(isFunctionDefinition(copy.beforePublish("*.sms.*", () => {}))).toBe(true);
  for (const other of [undefined, null, {}, () => {}, { trigger: "beforePublish", run() {} }]) {
    expect(isFunctionDefinition(other)).toBe(false);
  }
});

test("a handler that is none is refused", () => {
  expect(() => defineFunction("onInterval", "10m", "handler" as never)).toThrow(
    'onInterval: the second argument is the string "handler"; it must be a function',
  );
});

test("what a handler throws is what the run rejects with, whatever it is", async () => {
  const thrown = new Error("no");
  const fails = beforePublish("*.sms.*", () => {
    throw thrown;
  });
  await expect(runFunction(fails)).rejects.toBe(thrown);
  const rejects = beforePublish("*.sms.*", () => Promise.reject("a text"));
  await expect(runFunction(rejects)).rejects.toBe("a text");
});

test("no return is ok, and so is ok", async () => {
  for (const returned of [undefined, { type: "ok" }, Promise.resolve()]) {
    expect((await runFunction(reply(returned))).result).toEqual({ type: "ok" });
    expect((await runFunction(after(returned))).result).toEqual({ type: "ok" });
  }
});

test.each([null, true, "ok", 7, [], {}, { type: "yes" }, new Date(0), () => {}])(
  "a result that is none is a fault which shows it: %o",
  async (returned) => {
    const shown = /^the function returned .+; return event\.ok\(\)/;
    for (const definition of [reply(returned), after(returned)]) {
      const run = runFunction(definition);
      await expect(run).rejects.toThrow(shown);
      await expect(run).rejects.toBeInstanceOf(FunctionFault);
      await expect(run).rejects.toMatchObject({ failure: "bad_result" });
    }
  },
);

test("what has happened already can neither be refused nor sent elsewhere", async () => {
  await expect(runFunction(after({ type: "abort", reason: "no" }))).rejects.toThrow(
    "return event.ok(), or nothing",
  );
});

test("a message that was changed in place goes on changed, and one that was not is not told", async () => {
  const trim = beforePublish("*.sms.*", ({ message }) => {
    message.text = message.text.trim();
  });
  const changed = await runFunction(trim, { message: " hi " });
  expect(changed.result).toEqual({ type: "ok", changed: { text: "hi" } });
  expect((await runFunction(trim, { message: "hi" })).result).toEqual({ type: "ok" });
});

test("what ok is given goes on in place of everything else", async () => {
  const given = beforePublish("*.sms.*", ({ message, ok }) => {
    message.text = "in place";
    return ok({ text: "given", meta: { by: "me" } });
  });
  expect((await runFunction(given)).result).toEqual({
    type: "ok",
    changed: { text: "given", meta: { by: "me" } },
  });
  const same = beforePublish("*.sms.*", ({ ok }) => ok({ text: "Hello" }));
  expect((await runFunction(same, { message: "Hello" })).result).toEqual({ type: "ok" });
});

test("a message without its text goes on with its parts, and one without anything is a fault", async () => {
  const drop = beforePublish("*.sms.*", ({ message }) => {
    message.text = "";
  });
  const parts = [{ type: "text" as const, text: "part" }];
  const { result } = await runFunction(drop, { message: { text: "text", parts } });
  expect(result).toEqual({ type: "ok", changed: { parts } });
  await expect(runFunction(drop)).rejects.toThrow("a message needs text or parts");
});

test("what goes on is plain JSON, and what can't be is a fault", async () => {
  const data = (value: unknown) =>
    defineFunction("beforeSignal", "*.sms.*", (event) => {
      event.data = value;
    });
  const { result } = await runFunction(data({ at: new Date(0), gone: () => {} }));
  expect(result).toEqual({ type: "ok", changed: { at: "1970-01-01T00:00:00.000Z" } });
  const circle: unknown[] = [];
  circle.push(circle);
  for (const value of [undefined, () => {}, 7n, circle]) {
    const run = runFunction(data(value));
    await expect(run).rejects.toThrow("event.data must be JSON, not");
    await expect(run).rejects.toMatchObject({ failure: "bad_result" });
  }
  const ok = defineFunction("beforeSignal", "*.sms.*", (event) => event.ok(null));
  expect((await runFunction(ok, { data: 1 })).result).toEqual({ type: "ok", changed: null });
});

test("a reroute names another channel of the platform, and may change what goes there", async () => {
  const to = (channel: string) =>
    beforePublish("*.sms.*", (event) => event.reroute(channel, { text: "moved" }));
  expect((await runFunction(to("production.group.a"))).result).toEqual({
    type: "reroute",
    channel: "production.group.a",
    changed: { text: "moved" },
  });
  const plain = beforePublish("*.sms.*", (event) => event.reroute("production.group.a"));
  expect((await runFunction(plain)).result).toEqual({
    type: "reroute",
    channel: "production.group.a",
  });
  await expect(runFunction(to("lobby"))).rejects.toThrow("a channel's name, such as production.");
  await expect(runFunction(to("staging.group.a"))).rejects.toThrow("nothing crosses platforms");
});

test("an edit stays where its message is, a signal of that kind does not", async () => {
  const reroute = beforePublish("*.sms.*", (event) => event.reroute("production.group.a"));
  await expect(runFunction(reroute, { target: "message-1" })).rejects.toThrow(
    "event.reroute was called for an edit",
  );
  const signal = defineFunction("beforeSignal", "*.sms.*", (event) =>
    event.reroute("production.group.a"),
  );
  expect((await runFunction(signal, { kind: "edit" })).result.type).toBe("reroute");
});

test("an abort has a reason", async () => {
  for (const reason of [undefined, "", 7]) {
    const run = runFunction(reply({ type: "abort", reason }));
    await expect(run).rejects.toThrow("give it a reason, a text that the sender sees");
  }
});
