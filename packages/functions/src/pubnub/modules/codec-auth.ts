/**
 * `codec/auth` of PubNub.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/codec
 */
export const codecAuth = {
  /** The value of an `Authorization` header: `Basic …`. */
  basic: (username: string, password: string): string =>
    `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
};
