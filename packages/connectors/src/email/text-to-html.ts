const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const URL_IN_TEXT = /\bhttps?:\/\/[^\s<>"]+/gi;
/** What ends a sentence, not an address. */
const TRAILING = /[.,;:!?)\]}'…]+$/;

/** Text as HTML: paragraphs and lines as they are, addresses of the web to click on, all else escaped. */
export function textToHtml(text: string): string {
  const paragraphs = text.trim().split(/\r?\n(?:[ \t]*\r?\n)+/);
  const html = paragraphs.map((one) => `<p>${one.split(/\r?\n/).map(line).join("<br>\n")}</p>`);
  return `<!doctype html>\n<html><body>\n${html.join("\n")}\n</body></html>\n`;
}

function line(text: string): string {
  let html = "";
  let end = 0;
  for (const { 0: found, index } of text.matchAll(URL_IN_TEXT)) {
    const url = found.replace(TRAILING, "");
    html += `${escapeHtml(text.slice(end, index))}<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`;
    end = index + url.length;
  }
  return html + escapeHtml(text.slice(end));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
