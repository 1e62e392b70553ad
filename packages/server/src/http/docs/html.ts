/** HTML that may be put into a page as it is. Only {@link html} makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text is escaped, lists are put one behind the other, nothing is left out. */
export type HtmlValue = string | number | false | undefined | Html | readonly HtmlValue[];

/** A template whose values are escaped: `` html`<p>${anything}</p>` ``. */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(toText)));
}

function toText(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(toText).join("");
  return value === undefined || value === false ? "" : escapeText(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Prose with `` `code` `` and `[links](url)` as in Markdown; each line is a paragraph. */
export function prose(text: string): Html {
  return html`${text.split("\n").map((line) => html`<p>${inline(line)}</p>`)}`;
}

const MARKS = /(`[^`]+`|\[[^\]]+\]\([^)]+\))/;

function inline(text: string): HtmlValue {
  return text.split(MARKS).map(mark);
}

function mark(part: string): HtmlValue {
  const [, code] = /^`(.+)`$/.exec(part) ?? [];
  if (code !== undefined) return html`<code>${code}</code>`;
  const [, text, url] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? [];
  return text === undefined || url === undefined
    ? part
    : html`<a href="${url}">${inline(text)}</a>`;
}
