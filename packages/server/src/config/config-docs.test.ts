import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { formatConfigDocs } from "./config-docs.ts";
import { configFields, configSections } from "./config-fields.ts";

test("docs/reference/config.md is what `anywire config docs` prints", async () => {
  const page = new URL("../../../../docs/reference/config.md", import.meta.url);
  expect(await readFile(page, "utf8")).toBe(formatConfigDocs());
});

test("every field and section is described, and is optional", () => {
  for (const { name, description } of [...configFields(), ...configSections().slice(1)]) {
    expect(description, name).toMatch(/\.$/);
  }
});

test("no two fields share an environment variable", () => {
  const names = configFields().flatMap(({ environmentName, kind }) =>
    kind === "secret" ? [environmentName, `${environmentName}_FILE`] : [environmentName],
  );
  expect(new Set(names).size).toBe(names.length);
});
