import { type Html, html } from "./html.ts";

/** An entry of the list beside a page: a heading, or a link under one. */
export interface DocsLink {
  readonly href: string;
  readonly text: string;
  /** Method of an operation, shown before its name. */
  readonly method?: string;
}

/** A group of links. */
export interface DocsLinks {
  readonly title: string;
  readonly links: readonly DocsLink[];
}

/** A whole page of the documentation. It needs nothing but its style sheet: no script, nothing from elsewhere. */
export function docsPage(title: string, groups: readonly DocsLinks[], content: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Anywire</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<nav aria-label="Contents">
<a class="brand" href="/docs">Anywire</a>
${groups.map(linkList)}
</nav>
<main>
${content}
</main>
</body>
</html>
`.text;
}

function linkList({ title, links }: DocsLinks): Html {
  return html`<h2>${title}</h2>
<ul>
${links.map(({ href, text, method }) => html`<li><a href="${href}"><span>${text}</span>${method && methodBadge(method)}</a></li>\n`)}
</ul>
`;
}

/** An HTTP method, coloured by what it does. */
export function methodBadge(method: string): Html {
  return html`<b class="method ${method.toLowerCase()}">${method.toUpperCase()}</b>`;
}
