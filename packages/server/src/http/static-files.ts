import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { Hono } from "hono";
import { answerWithFile, type CachedFile, createCachedFile } from "./cached-file.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** Vite names these by their content, so what is under a name never changes. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

const PAGE_POLICY = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
};

const MISSING_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Anywire</title>
<h1>Anywire is running</h1>
<p>Its page has not been built. Run <code>npm run build:console</code>, then start the server again.</p>
<p>The <a href="/docs">HTTP API</a> works without it.</p>
</html>
`;

/**
 * Serves the files of a directory, `index.html` at `/` and at the paths of its other pages. They are read once, when the server starts: no
 * path from outside ever reaches the file system.
 */
export function serveStaticFiles(
  app: Hono,
  directory: string,
  pages: readonly string[] = [],
): void {
  const files = readFiles(directory);
  const index = files.get("/index.html") ?? page(MISSING_PAGE);
  for (const path of ["/", ...pages]) files.set(path, index);
  for (const [path, file] of files) {
    app.get(path, (context) => answerWithFile(context, file));
  }
}

function readFiles(directory: string): Map<string, CachedFile> {
  const files = new Map<string, CachedFile>();
  if (!existsSync(directory)) return files;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(directory, file).split(sep).join("/")}`;
    files.set(path, toCachedFile(path, new Uint8Array(readFileSync(file))));
  }
  return files;
}

function toCachedFile(path: string, body: Uint8Array<ArrayBuffer>): CachedFile {
  const extension = extname(path);
  if (extension === ".html") return page(body);
  const cacheControl = HASHED.test(path) ? "public, max-age=31536000, immutable" : "no-cache";
  return createCachedFile(body, TYPES[extension] ?? "application/octet-stream", cacheControl);
}

function page(body: string | Uint8Array<ArrayBuffer>): CachedFile {
  return createCachedFile(body, "text/html; charset=utf-8", "no-cache", PAGE_POLICY);
}
