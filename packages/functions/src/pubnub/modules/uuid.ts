import { MAX, NIL, parse, stringify, v1, v3, v4, v5, v6, v7, validate, version } from "uuid";

/**
 * `uuid` of PubNub, which is the package of that name.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/uuid
 */
export const uuid = { MAX, NIL, parse, stringify, v1, v3, v4, v5, v6, v7, validate, version };
