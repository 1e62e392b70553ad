import type { ConnectionContext } from "../../contract/context.ts";

/** Shorter ones stand in other words, too. */
const MIN_LENGTH = 6;

/**
 * A text for people without the connection's secrets in it, also as they stand in URLs, in JSON and in Basic authentication: networks say
 * back what they were told, and their words are shown.
 */
export function hideSecrets(text: string, { secrets }: Pick<ConnectionContext, "secrets">): string {
  let shown = text;
  for (const secret of Object.values(secrets).flat()) {
    // Half a character can't be encoded.
    const value = Buffer.from(secret).toString();
    if (value.length < MIN_LENGTH) continue;
    const inJson = JSON.stringify(value).slice(1, -1);
    const inBase64 = Buffer.from(value).toString("base64");
    for (const form of [value, inJson, encodeURIComponent(value), inBase64]) {
      shown = shown.replaceAll(form, "***");
    }
  }
  return shown;
}
