import { type Html, html } from "./html.ts";

const TOKENS = /("(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b)/;

/** A JSON value, laid out and coloured. */
export function jsonBlock(value: unknown): Html {
  const parts = JSON.stringify(value, null, 2).split(TOKENS).map(coloured);
  return html`<pre><code>${parts}</code></pre>`;
}

function coloured(part: string): Html | string {
  if (part.endsWith(":")) return html`<span class="key">${part}</span>`;
  if (part.startsWith('"')) return html`<span class="string">${part}</span>`;
  return TOKENS.test(part) ? html`<span class="literal">${part}</span>` : part;
}
