import { expect, test } from "vitest";
import { isSegment } from "./channel-name.ts";
import { createChannelTypeRegistry } from "./channel-types.ts";

const fax = {
  name: "fax",
  identity: "participants",
  network: "fax",
  description: "Paper.",
} as const;

test("the built-in types are those of the design, each named by a segment", () => {
  const types = createChannelTypeRegistry().list();
  const names = types.map(({ name }) => name);
  expect([...names].sort()).toEqual(
    "connection contact direct email event group linkedin mass notification pigeon presence slack sms system telegram whatsapp x".split(
      " ",
    ),
  );
  expect(names.every(isSegment)).toBe(true);
  expect(types.every(({ description }) => description.endsWith("."))).toBe(true);
});

test("a declared type is there, in its registry only", () => {
  const registry = createChannelTypeRegistry();
  registry.declare(fax);
  expect(registry.get("fax")).toEqual(fax);
  expect(registry.list().at(-1)).toEqual(fax);
  expect(createChannelTypeRegistry().get("fax")).toBeUndefined();
});

test("a taken name and a name that is no segment are refused", () => {
  const registry = createChannelTypeRegistry();
  const declare = (name: string) => () => registry.declare({ ...fax, name });
  expect(declare("sms")).toThrow(expect.objectContaining({ code: "conflict" }));
  expect(declare("a.b")).toThrow(expect.objectContaining({ code: "bad_request" }));
});

test("what objects have by nature is no declared type", () => {
  const registry = createChannelTypeRegistry();
  for (const name of ["__proto__", "constructor", "toString"]) {
    expect(registry.get(name)).toBeUndefined();
  }
});
