import type { Hono } from "hono";
import type { ApiOperation } from "../api-operation.ts";
import { answerWithFile, createCachedFile } from "../cached-file.ts";
import { createOpenApiDocument } from "../openapi-document.ts";
import { apiPage } from "./api-page.ts";
import { DOCS_STYLE } from "./docs-style.ts";
import { errorPage } from "./error-page.ts";

const PAGE_POLICY = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
};

/** `/openapi.json`, and for people `/docs` and `/docs/errors`; made once, they need nothing from elsewhere. */
export function serveDocs(app: Hono, operations: readonly ApiOperation[], version: string): void {
  const document = createOpenApiDocument(operations, version);
  const files = {
    "/openapi.json": createCachedFile(JSON.stringify(document), "application/json"),
    "/docs": page(apiPage(document)),
    "/docs/errors": page(errorPage()),
    "/docs/style.css": createCachedFile(DOCS_STYLE, "text/css; charset=utf-8"),
  };
  for (const [path, file] of Object.entries(files)) {
    app.get(path, (context) => answerWithFile(context, file));
  }
}

function page(text: string) {
  return createCachedFile(text, "text/html; charset=utf-8", "no-cache", PAGE_POLICY);
}
