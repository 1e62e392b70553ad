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
    const pairs = text
      .replace(/^\?/, "")
      .split("&")
      .map((pair) => (pair === "" || pair.includes("=") ? pair : `${pair}=true`));
    return { ...defaults, ...Object.fromEntries(new URLSearchParams(pairs.join("&"))) };
  },
  /** A query string. What is undefined is left out. */
  stringify(values: Readonly<Record<string, unknown>>): string {
    return Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
      .join("&");
  },
};
