import { expect, test } from "vitest";
import { codecQueryString } from "./codec-query-string.ts";

const { parse, stringify } = codecQueryString;

test("parse gives texts by name, and the defaults for what is not there", () => {
  expect(parse("a=5&b=10", { b: 1, c: 15 })).toEqual({ a: "5", b: "10", c: 15 });
});

test.each([
  ["?page=2", { page: "2" }],
  ["text=hello+world%21", { text: "hello world!" }],
  ["equation=a=b", { equation: "a=b" }],
  ["debug&empty=", { debug: "true", empty: "" }],
  ["n=%zz", { n: "%zz" }],
  ["", {}],
  ["?", {}],
  ["a=1&&b=2&a=3", { a: "3", b: "2" }],
])("parse takes %j", (text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test("a name of the prototype is a name like another", () => {
  expect(Object.keys(parse("__proto__=1"))).toEqual(["__proto__"]);
});

test("stringify encodes names and values, and leaves out what is undefined", () => {
  const text = stringify({ q: "a&b=ü", page: 2, all: true, none: undefined });
  expect(text).toBe("q=a%26b%3D%C3%BC&page=2&all=true");
  expect(parse(text)).toEqual({ q: "a&b=ü", page: "2", all: "true" });
});
