import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

const MAX_GZIPPED_BYTES = 30_000;

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly "@anywire/source": string }>>;
}

/** What a product's bundler makes of an entry, with all it needs except React. */
async function bundle(entry: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@anywire/source", "module", "browser"] },
    build: {
      write: false,
      minify: true,
      lib: { entry: `${import.meta.dirname}/${entry}`, formats: ["es"] },
      rollupOptions: { external: ["react"] },
    },
  });
  const bundles = [output].flat().flatMap((result) => ("output" in result ? result.output : []));
  return bundles.map((part) => ("code" in part ? part.code : "")).join("");
}

test("the client with all it needs is under 30 kB, gzipped", async () => {
  const code = await bundle("index.ts");
  expect(code).toContain("message.send");
  expect(gzipSync(code).byteLength).toBeLessThan(MAX_GZIPPED_BYTES);
});

test("no part of it brings the schemas, which are for the server and would be larger than all the rest", async () => {
  const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const entries = Object.values((JSON.parse(manifest) as Manifest).exports);
  expect(entries.length).toBeGreaterThan(4);
  for (const { "@anywire/source": source } of entries) {
    const code = await bundle(source.replace("./src/", ""));
    expect(code.length).toBeGreaterThan(1_000);
    expect(code).not.toContain("ZodError");
  }
});
