import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

const MAX_GZIPPED_BYTES = 30_000;

test("the client with all it needs is under 30 kB, gzipped", async () => {
  const output = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@anywire/source", "module", "browser"] },
    build: {
      write: false,
      minify: true,
      lib: { entry: `${import.meta.dirname}/index.ts`, formats: ["es"] },
    },
  });
  const bundles = [output].flat().flatMap((result) => ("output" in result ? result.output : []));
  const code = bundles.map((bundle) => ("code" in bundle ? bundle.code : "")).join("");
  expect(code).toContain("message.send");
  expect(gzipSync(code).byteLength).toBeLessThan(MAX_GZIPPED_BYTES);
});
