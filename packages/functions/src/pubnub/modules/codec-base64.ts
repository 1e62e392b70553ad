/**
 * `codec/base64` of PubNub. As in a browser, `btoa` takes only characters up to U+00FF.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/codec
 */
export const codecBase64 = {
  btoa: (text: string): string => btoa(text),
  atob: (base64: string): string => atob(base64),
  /** Base64 with `-` and `_` in the place of `+` and `/`: it can stand in a URL. */
  encodeString: (text: string): string => btoa(text).replaceAll("+", "-").replaceAll("/", "_"),
  /** The text of either form of base64. */
  decodeString: (base64: string): string => atob(base64.replaceAll("-", "+").replaceAll("_", "/")),
};
