/** The names that handlers written for PubNub give to `require` and `import`. */
export const PUBNUB_MODULES = [
  "advanced_math",
  "codec/auth",
  "codec/base64",
  "codec/query_string",
  "console",
  "crypto",
  "jsonpath",
  "jwt",
  "kvstore",
  "promise",
  "pubnub",
  "ugc",
  "utils",
  "uuid",
  "vault",
  "xhr",
] as const;

/** One of {@link PUBNUB_MODULES}. */
export type PubNubModuleName = (typeof PUBNUB_MODULES)[number];
