import { JSONPath } from "jsonpath-plus";

/**
 * `jsonpath` of PubNub, which is the package `jsonpath-plus`. Expressions in a path are interpreted, never run as code.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/jsonpath-plus
 */
export const jsonpath = { JSONPath };
