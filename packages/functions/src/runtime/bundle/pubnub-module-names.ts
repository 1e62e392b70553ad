/** Modules that handlers written for PubNub import. */
export const PUBNUB_MODULES: readonly string[] = [
  "advanced_math",
  "codec/auth",
  "codec/base64",
  "codec/query_string",
  "crypto",
  "jsonpath",
  "jwt",
  "kvstore",
  "pubnub",
  "utils",
  "uuid",
  "vault",
  "xhr",
];
