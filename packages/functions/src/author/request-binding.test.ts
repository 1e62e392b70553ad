import fc from "fast-check";
import { expect, test } from "vitest";
import { formatRequestBinding, matchRequestPath, parseRequestBinding } from "./request-binding.ts";

test("a name stands for one segment that is not empty, decoded", () => {
  expect(matchRequestPath("/tickets/:id", "/tickets/7")).toEqual({ id: "7" });
  expect(matchRequestPath("/tickets/:id", "/tickets/a%20b%2Fc")).toEqual({ id: "a b/c" });
  expect(matchRequestPath("/tickets/:id", "/tickets/100%")).toEqual({ id: "100%" });
  for (const path of ["/tickets", "/tickets/", "/tickets/7/8", "/ticket/7", "/"]) {
    expect(matchRequestPath("/tickets/:id", path), path).toBeUndefined();
  }
});

test("a final star stands for the rest, as it came", () => {
  expect(matchRequestPath("/files/*", "/files/a/b%20c")).toEqual({ "*": "a/b%20c" });
  expect(matchRequestPath("/files/*", "/files/")).toEqual({ "*": "" });
  expect(matchRequestPath("/files/*", "/files")).toBeUndefined();
  expect(matchRequestPath("/*", "/")).toEqual({ "*": "" });
  expect(matchRequestPath("/", "/")).toEqual({});
});

test("a name that objects have by nature is a name like any other", () => {
  const params = matchRequestPath("/:__proto__/:constructor", "/a/b");
  expect(Object.entries(params ?? {})).toEqual([
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
});

const literal = fc.constantFrom("a", "b", "a.b", "-");
const bound = fc
  .tuple(
    fc.array(fc.oneof(literal, fc.constantFrom(":x", ":y", ":z")), { maxLength: 4 }),
    fc.constantFrom([], ["*"]),
  )
  .map(([segments, rest]) => `/${[...new Set(segments), ...rest].join("/")}`);
const path = fc
  .array(fc.constantFrom("a", "b", "a.b", "-", "", "c"), { maxLength: 5 })
  .map((segments) => `/${segments.join("/")}`);

test("it matches what the platform's URLPattern matches", () => {
  fc.assert(
    fc.property(bound, path, (pattern, pathname) => {
      expect(parseRequestBinding(`GET ${pattern}`)).toEqual({ method: "GET", path: pattern });
      // Its last segment with a star may be missing altogether there, slash and all.
      const groups = new URLPattern({ pathname: pattern }).exec({ pathname })?.pathname.groups;
      const expected = groups && {
        ...groups,
        ...("0" in groups && { "*": groups["0"] }),
      };
      if (expected !== undefined) delete (expected as Record<string, unknown>)["0"];
      expect(matchRequestPath(pattern, pathname)).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});

test("a binding put together is the one that was taken apart", () => {
  for (const text of ["GET /a/:b", "* /*"]) {
    expect(formatRequestBinding(parseRequestBinding(text) ?? { method: "", path: "" })).toBe(text);
  }
});
