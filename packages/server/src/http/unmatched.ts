import { AnywireError } from "@anywire/types";
import type { Context, Hono } from "hono";
import { optionsHeaders } from "./cross-origin.ts";
import { problemResponse } from "./error-responses.ts";

/** Answers what no route takes: `OPTIONS` on a known path, another method there (405), an unknown path (404). */
export function createUnmatchedHandler(app: Hono): (context: Context) => Response {
  let table: readonly KnownRoute[] | undefined;
  return (context) => {
    const { method, path } = context.req;
    // Read at the first miss: whoever composes the server may still add routes of its own before.
    table ??= app.routes.filter((route) => route.method !== "ALL").map(knownRoute);
    const methods = methodsOf(table, path);
    if (methods.length === 0) return problemResponse(context, unknownPath(path));
    if (method === "OPTIONS") {
      return new Response(null, { status: 204, headers: optionsHeaders(methods) });
    }
    return problemResponse(context, wrongMethod(method, path, methods.join(", ")));
  };
}

interface KnownRoute {
  readonly method: string;
  readonly path: RegExp;
}

function knownRoute({ method, path }: { method: string; path: string }): KnownRoute {
  const literal = path.replace(/[.+?^$(){}|[\]\\]/g, "\\$&");
  const source = literal.replace(/:[A-Za-z]+/g, "[^/]+").replaceAll("*", ".*");
  return { method, path: new RegExp(`^${source}$`) };
}

function methodsOf(table: readonly KnownRoute[], path: string): string[] {
  const methods = new Set<string>();
  for (const route of table) {
    if (!route.path.test(path)) continue;
    methods.add(route.method);
    if (route.method === "GET") methods.add("HEAD");
  }
  return methods.size === 0 ? [] : [...methods, "OPTIONS"];
}

function unknownPath(path: string): AnywireError {
  return new AnywireError(
    "not_found",
    `there is nothing at ${shorten(path)}; /docs lists what there is`,
  );
}

function wrongMethod(method: string, path: string, allow: string): AnywireError {
  return new AnywireError(
    "method_not_found",
    `${shorten(method)} is no method of ${shorten(path)}; use ${allow}`,
    { details: { allow } },
  );
}

function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
