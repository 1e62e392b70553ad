import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** Relative links of Markdown, without their anchors. */
const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;

const pages = ["README.md", "CHANGELOG.md", ...globSync("{docs,examples}/**/*.md")].filter(
  (page) => !page.startsWith("docs/reference/api"),
);

test.each(pages)("every link of %s leads to a file", (page) => {
  const targets = [...readFileSync(page, "utf8").matchAll(LINK)].map(([, target = ""]) => target);
  expect(targets.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
});
