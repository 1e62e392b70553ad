/**
 * `uuid` of PubNub, which is the package of that name.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/uuid
 */
export * as uuid from "uuid";
