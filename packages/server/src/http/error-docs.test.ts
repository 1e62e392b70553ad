import { DISCONNECTS, ERRORS, UNSUBSCRIBES } from "@anywire/types";
import { expect, test } from "vitest";
import { errorMarkdown } from "./docs/error-markdown.ts";
import { errorPage } from "./docs/error-page.ts";

test("the error reference says what the tables say, no more and no less", async () => {
  await expect(errorMarkdown()).toMatchFileSnapshot("../../../../docs/reference/errors.md");
});

test("every error and every ending has its row, in the file and on the page", () => {
  const names = [ERRORS, DISCONNECTS, UNSUBSCRIBES].flatMap((table) => Object.keys(table));
  const rows = errorMarkdown().match(/^\| .*`/gm) ?? [];
  expect(rows.map((row) => /`(\w+)`/.exec(row)?.[1])).toEqual(names);
  const cells = errorPage().match(/<tr[^>]*><td><code>\w+/g) ?? [];
  expect(cells.map((cell) => cell.split("<code>")[1])).toEqual(names);
});
