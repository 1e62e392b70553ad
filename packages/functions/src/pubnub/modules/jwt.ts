/**
 * `jwt` of PubNub, which is the package `jsonwebtoken`.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/jwt
 */
export { default as jwt } from "jsonwebtoken";
