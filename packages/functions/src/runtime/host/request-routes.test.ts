import { expect, test } from "vitest";
import type { BoundFunction } from "./function-table.ts";
import { RequestRoutes } from "./request-routes.ts";

/** Routes of functions that are named by what they are bound to. */
function routes(...bindings: readonly string[]): RequestRoutes {
  const functions = bindings.map((binding) => ({
    description: { name: binding, trigger: "onRequest", binding, options: {}, file: "" },
    isDisabled: binding.startsWith("DELETE"),
  }));
  return new RequestRoutes(functions as unknown as readonly BoundFunction[]);
}

/** Which one answers, by its name; the methods when only that was wrong. */
function find(all: RequestRoutes, asked: string): unknown {
  const [method = "", path = ""] = asked.split(" ");
  const found = all.find(method, path);
  if (found === undefined || "methods" in found) return found?.methods;
  return found.bound.description.name;
}

test.each([
  ["GET /a/b", "GET /a/b"],
  ["GET /a/c", "GET /a/:x"],
  ["GET /a/b/c", "GET /a/*"],
  ["GET /c", "GET /:x"],
  ["GET /c/d/e", "* /*"],
  ["POST /a/b", "* /a/:x"],
  ["HEAD /a/b", "GET /a/b"],
])("%s is answered by the most specific one, %s", (asked, name) => {
  const all = ["* /*", "GET /:x", "GET /a/*", "* /a/:x", "GET /a/:x", "GET /a/b"];
  expect(find(routes(...all), asked)).toBe(name);
  expect(find(routes(...all.toReversed()), asked)).toBe(name);
});

test("a function for HEAD goes before one for GET, whatever their names", () => {
  const all = routes("GET /a", "HEAD /a", "GET /z", "HEAD /z");
  expect(find(all, "HEAD /a")).toBe("HEAD /a");
  expect(find(all, "GET /a")).toBe("GET /a");
});

test("where only the method is wrong the right ones are told", () => {
  const all = routes("GET /a", "POST /a", "POST /:x", "DELETE /a");
  expect(find(all, "PUT /a")).toEqual(["GET", "POST"]);
  expect(find(all, "DELETE /a")).toEqual(["GET", "POST"]);
  expect(find(all, "GET /a/b")).toBeUndefined();
});

test("what stands in the path is told by its name", () => {
  expect(routes("GET /a/:id/*").find("GET", "/a/7%20b/c/d")).toMatchObject({
    params: { id: "7 b", "*": "c/d" },
  });
});
