import { expect, test } from "vitest";
import { textToHtml } from "./text-to-html.ts";

function body(text: string): string | undefined {
  return /<body>\n([\s\S]*)\n<\/body>/.exec(textToHtml(text))?.[1];
}

test("paragraphs and lines stay what they are", () => {
  expect(body("one\ntwo\n\nthree\r\n\r\n")).toBe("<p>one<br>\ntwo</p>\n<p>three</p>");
});

test("nothing in a text becomes markup", () => {
  expect(body(`<script>"&'</script>`)).toBe("<p>&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;</p>");
});

test("addresses of the web can be clicked on, without what ends the sentence", () => {
  expect(body("See https://a.test/x?y=1&z='2'.")).toBe(
    `<p>See <a href="https://a.test/x?y=1&amp;z=&#39;2">https://a.test/x?y=1&amp;z=&#39;2</a>&#39;.</p>`,
  );
  expect(body('javascript:alert(1) https://a"onclick=')).toBe(
    '<p>javascript:alert(1) <a href="https://a">https://a</a>&quot;onclick=</p>',
  );
});
