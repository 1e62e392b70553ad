import { docsPage } from "./docs-layout.ts";
import {
  type CloseRow,
  DISCONNECT_ROWS,
  ERROR_ROWS,
  ERROR_TEXTS,
  UNSUBSCRIBE_ROWS,
} from "./error-tables.ts";
import { type Html, html, prose } from "./html.ts";

/** Every error as a page for people; `#code` is where an error's `type` points. */
export function errorPage(): string {
  const links = [
    {
      title: "Errors",
      links: ERROR_ROWS.map(({ code }) => ({ href: `#${code}`, text: code })),
    },
    {
      title: "Endings",
      links: [
        { href: "#disconnects", text: "Of a connection" },
        { href: "#unsubscribes", text: "Of a subscription" },
      ],
    },
    { title: "More", links: [{ href: "/docs", text: "HTTP API" }] },
  ];
  const content = html`<header>
<h1>Errors</h1>
${prose(ERROR_TEXTS.errors)}
</header>
<section>
<table>
<thead><tr><th>Code</th><th>HTTP</th><th>Socket</th><th>Retry</th><th>When</th></tr></thead>
<tbody>
${ERROR_ROWS.map(
  ({ code, http, socket, retry, when }) =>
    html`<tr id="${code}"><td><code>${code}</code></td><td>${http}</td><td>${socket}</td><td>${retry ? "yes" : "no"}</td><td>${prose(when)}</td></tr>
`,
)}</tbody>
</table>
</section>
${endings("disconnects", "Disconnects", "Comes back", DISCONNECT_ROWS)}
${endings("unsubscribes", "Unsubscribes", "Comes back", UNSUBSCRIBE_ROWS)}`;
  return docsPage("Errors", links, content);
}

function endings(
  id: "disconnects" | "unsubscribes",
  title: string,
  comesBack: string,
  rows: readonly CloseRow[],
): Html {
  return html`<section id="${id}">
<h2>${title}</h2>
${prose(ERROR_TEXTS[id])}
<table>
<thead><tr><th>Name</th><th>Code</th><th>Reason</th><th>${comesBack}</th></tr></thead>
<tbody>
${rows.map(
  (row) =>
    html`<tr><td><code>${row.name}</code></td><td>${row.code}</td><td>${row.reason}</td><td>${row.comesBack ? "yes" : "no"}</td></tr>
`,
)}</tbody>
</table>
</section>`;
}
