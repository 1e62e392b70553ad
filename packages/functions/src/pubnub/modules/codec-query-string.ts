/**
 * `codec/query_string` of PubNub.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/codec
 */
export const codecQueryString = {
  /**
   * The names and values of a query string; of several values of a name the last one. A name without a `=` is `"true"`.
   * `defaults` has what is not there.
   */
  parse(text: string, defaults: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const parsed = text
      .replace(/^\?/, "")
      .split("&")
      .filter((pair) => pair !== "")
      .map(parsePair);
    return { ...defaults, ...Object.fromEntries(parsed) };
  },
  /** A query string. What is undefined is left out. */
  stringify(values: Readonly<Record<string, unknown>>): string {
    return Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
      .join("&");
  },
};

function parsePair(pair: string): [name: string, value: string] {
  const at = pair.indexOf("=");
  if (at === -1) return [decode(pair), "true"];
  return [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
}

function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Not percent-encoded text: as it came.
    return spaced;
  }
}
