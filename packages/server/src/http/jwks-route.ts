import { z } from "zod";
import type { ApiRoute } from "./api-operation.ts";

/** Answer of `GET /.well-known/jwks.json`. */
export const jwksSchema = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string(), kid: z.string().optional() }))
    .describe("JSON Web Keys, public parts only."),
});

/** Long enough to spare the server, short enough for a key to be rotated within the hour. */
const MAX_AGE_SECONDS = 300;

/**
 * `GET /.well-known/jwks.json`: the public keys of the server's tokens.
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
export function createJwksRoute(jwks: () => object): ApiRoute {
  return {
    operation: {
      method: "GET",
      path: "/.well-known/jwks.json",
      id: "getJwks",
      tag: "Server",
      summary: "The keys of its tokens",
      description:
        "Public keys that check the tokens this server makes, as a JSON Web Key Set. A key that is rotated out stays until its last token has run out.",
      needsToken: false,
      answers: {
        200: {
          description: "The key set; may be cached for five minutes.",
          schema: jwksSchema,
          example: {
            keys: [
              {
                kty: "EC",
                crv: "P-256",
                x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                kid: "2026-07",
                use: "sig",
                alg: "ES256",
              },
            ],
          },
        },
      },
      errors: [],
    },
    handle: (context) =>
      context.json(jwks(), 200, { "cache-control": `public, max-age=${MAX_AGE_SECONDS}` }),
  };
}
