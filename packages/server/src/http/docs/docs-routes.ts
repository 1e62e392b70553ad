import type { Hono } from "hono";
import type { ApiOperation } from "../api-operation.ts";
import { answerWithFile, type CachedFile, createCachedFile } from "../cached-file.ts";
import { createOpenApiDocument } from "../openapi-document.ts";
import { apiPage } from "./api-page.ts";
import { DOCS_STYLE } from "./docs-style.ts";
import { errorPage } from "./error-page.ts";

const PAGE_POLICY = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
};

/**
 * `/openapi.json`, and for people `/docs` and `/docs/errors`; they need nothing from elsewhere. Made when first asked for, since a
 * start must not wait for them.
 */
export function serveDocs(app: Hono, operations: readonly ApiOperation[], version: string): void {
  const document = once(() => createOpenApiDocument(operations, version));
  const files: Readonly<Record<string, () => CachedFile>> = {
    "/openapi.json": () => createCachedFile(JSON.stringify(document()), "application/json"),
    "/docs": () => page(apiPage(document())),
    "/docs/errors": () => page(errorPage()),
    "/docs/style.css": () => createCachedFile(DOCS_STYLE, "text/css; charset=utf-8"),
  };
  for (const [path, make] of Object.entries(files)) {
    const file = once(make);
    app.get(path, (context) => answerWithFile(context, file()));
  }
}

function page(text: string): CachedFile {
  return createCachedFile(text, "text/html; charset=utf-8", "no-cache", PAGE_POLICY);
}

/** Makes a value at the first call, and gives it from then on. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
