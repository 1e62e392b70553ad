import { z } from "zod";
import { secretSchema } from "./secret.ts";

/** Signature algorithms a token may have. */
const TOKEN_ALGORITHMS = ["ES256", "RS256", "EdDSA", "HS256"] as const;

/** The name of a signature algorithm that tokens may have. */
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** Section `tokens`. */
export const tokens = z
  .strictObject({
    issuer: z
      .string()
      .min(1)
      .optional()
      .describe("`iss` of the tokens made here; when set, tokens of any other issuer are refused."),
    audience: z
      .string()
      .min(1)
      .optional()
      .describe("`aud` of the tokens made here; when set, a token must name it."),
    algorithms: z
      .array(z.enum(TOKEN_ALGORITHMS))
      .min(1)
      .default(["ES256"])
      .describe("Signature algorithms that are accepted. HS256 needs `tokens.secret`."),
    keys: secretSchema
      .optional()
      .describe(
        "Keys to check and sign tokens with: a JWK, a JWK set or PEM. The first private key signs. Without it, `keys.json` in the data directory.",
      ),
    secret: secretSchema
      .optional()
      .describe(
        "Shared secret of HS256 tokens, at least 32 bytes. Prefer keys: whoever checks with a secret can also sign.",
      ),
    jwksUrl: z
      .url()
      .refine(isSafeKeyUrl, "must be https, or http on this machine")
      .optional()
      .describe(
        "JWK set of your identity provider, fetched when needed: its tokens are accepted too.",
      ),
    defaultTtlSeconds: z
      .int()
      .min(1)
      .max(10 * 365 * 86_400)
      .default(86_400)
      .describe("How long a token made here is good for unless it says otherwise, seconds."),
    clockToleranceSeconds: z
      .int()
      .min(0)
      .max(300)
      .default(5)
      .describe("How far the clocks of issuer and server may differ, seconds."),
  })
  .prefault({})
  .describe("Who is let in: JSON Web Tokens and the keys that sign them.");

/** Keys that travel in the clear could be swapped on the way. What is no URL at all is reported as such. */
function isSafeKeyUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return true;
  const isLoopback = /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback);
}
