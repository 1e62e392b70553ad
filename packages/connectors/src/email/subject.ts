/** What mail programs of many languages put before the subject of an answer or of what they pass on. */
const PREFIX =
  /^(?:re|aw|antw|antwort|sv|vs|vá|odp|ynt|res|rif|ref|fwd?|wg|tr|rv|enc|doorst|i|回复|答复|转发|返信|転送)(?:\s?\[\d+\]|\s?\(\d+\)|\^\d+)?\s?[:：]\s*/iu;

/** What gateways put before subjects of mail from outside. */
const GATEWAY =
  /^(?:\[(?:external|ext|extern|externe|spam|suspected spam|caution)(?:[ -]e?mail)?\]|\*{2,}\s?(?:spam|external)\s?\*{2,})[:\s]*/iu;

const MAX_KEY = 200;

/** The subject without what was put before it. */
export function bareSubject(subject: string): string {
  let bare = subject.replace(/\s+/g, " ").trim();
  for (;;) {
    const next = bare.replace(GATEWAY, "").replace(PREFIX, "");
    if (next === bare) return bare;
    bare = next;
  }
}

/** What two subjects of one thread have in common: they are the same but for letter case, space and prefixes. */
export function subjectKey(subject: string): string {
  return bareSubject(subject).normalize("NFKC").toLowerCase().slice(0, MAX_KEY).trim();
}

/** The subject of an answer. */
export function replySubject(subject: string): string {
  return PREFIX.test(subject) ? subject : `Re: ${subject}`;
}
