import { type Principal, principalOf } from "@anywire/core";
import { AnywireError, type TokenClaims } from "@anywire/types";
import type { Context } from "hono";

/** Checks tokens. */
export interface TokenChecker {
  /**
   * The claims of a good token.
   * @throws {AnywireError} `unauthenticated`, `token_expired`.
   */
  verify(token: string): Promise<TokenClaims>;
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * Who makes the request, by its header `Authorization: Bearer …`; a token is taken from nowhere else.
 * @throws {AnywireError} `unauthenticated`, `token_expired`.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export async function authenticate(context: Context, checker: TokenChecker): Promise<Principal> {
  const header = context.req.header("authorization");
  const token = header === undefined ? undefined : BEARER.exec(header)?.[1];
  if (token === undefined) throw new AnywireError("unauthenticated", whatIsMissing(header));
  return principalOf(await checker.verify(token));
}

function whatIsMissing(header: string | undefined): string {
  return header === undefined
    ? "there is no token; send the header Authorization: Bearer <token>"
    : "the header Authorization is not of the form Bearer <token>";
}
