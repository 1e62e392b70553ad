/**
 * A text as Slack takes it. Three characters would mean something else; what is left is Slack's own formatting, such as `*bold*`.
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function toSlackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const BRACKETS = /<([^<>]+)>/g;

/** A text as a person reads it: mentions, links and dates in words. */
export function fromSlackText(text: string): string {
  const words = text.replace(BRACKETS, (_whole, inside: string) => spoken(inside));
  // The ampersand last: else what was written as `&amp;lt;` would become a bracket.
  return words.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function spoken(inside: string): string {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  if (target.startsWith("@")) return `@${label.replace(/^@/, "") || target.slice(1)}`;
  if (target.startsWith("#")) return `#${label.replace(/^#/, "") || target.slice(1)}`;
  if (target.startsWith("!")) return special(target.slice(1), label);
  return link(target, label);
}

/** Such as `!here`, `!subteam^S1|@support`, `!date^1392734382^{date}|Feb 18`. */
function special(target: string, label: string): string {
  const [kind = ""] = target.split("^");
  if (kind === "date" || kind === "subteam") return label || kind;
  return `@${kind}`;
}

function link(url: string, label: string): string {
  const plain = url.replace(/^(mailto|tel):/, "");
  // Slack links what looks like a link by itself: then the label says what was written.
  const isSame = label === "" || label === url || url.replace(/^https?:\/\//, "").startsWith(label);
  if (plain !== url) return label || plain;
  return isSame ? url : `${label} (${url})`;
}
