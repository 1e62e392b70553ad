import { expect, test } from "vitest";
import { createTestApp } from "./create-test-app.fixture.ts";
import { apiMarkdown } from "./docs/api-markdown.ts";
import { html, prose } from "./docs/html.ts";

test("the HTTP reference says what the OpenAPI document says", async () => {
  const { send } = await createTestApp();
  const document = await (await send("/openapi.json")).json();
  await expect(apiMarkdown(document)).toMatchFileSnapshot("../../../../docs/reference/http.md");
});

test("the page has every operation and every object, and each of its links leads somewhere", async () => {
  const { send } = await createTestApp();
  const document = await (await send("/openapi.json")).json();
  const page = await (await send("/docs")).text();
  const ids = [...page.matchAll(/ id="(\w+)"/g)].map(([, id]) => id);
  const operations = Object.values<Record<string, { operationId: string }>>(document.paths)
    .flatMap((path) => Object.values(path))
    .map(({ operationId }) => operationId);
  const names = [...operations, ...Object.keys(document.components.schemas)];
  expect(ids.toSorted()).toEqual(names.toSorted());
  for (const [, href = ""] of page.matchAll(/ href="([^"]+)"/g)) {
    if (href.startsWith("#")) expect(ids).toContain(href.slice(1));
    else if (href.startsWith("/")) expect((await send(href)).status, href).toBe(200);
  }
});

test("the pages have no script and take nothing from elsewhere", async () => {
  const { send } = await createTestApp();
  for (const path of ["/docs", "/docs/errors"]) {
    const page = await (await send(path)).text();
    expect(page).not.toMatch(/<script| style="| on\w+="| src="/);
  }
});

test("text in a page is escaped, code and links in prose are not lost", () => {
  const hostile = '<img src=x onerror="alert(1)">';
  expect(html`<p title="${hostile}">${[hostile]}</p>`.text).not.toContain("<img");
  expect(prose(`${hostile} [x](https://a.example/"onclick=) \`<b>\``).text).toBe(
    '<p>&lt;img src=x onerror=&quot;alert(1)&quot;&gt; <a href="https://a.example/&quot;onclick=">x</a> <code>&lt;b&gt;</code></p>',
  );
});
