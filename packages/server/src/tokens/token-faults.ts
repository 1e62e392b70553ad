import { AnywireError } from "@anywire/types";
import { errors } from "jose";

/** What is wrong with a token, by the code of jose's error, as it follows "the token". */
const FAULTS: Readonly<Record<string, string>> = {
  [errors.JWSInvalid.code]: "is malformed",
  [errors.JWTInvalid.code]: "is malformed",
  [errors.JOSENotSupported.code]: "uses something that is not supported here",
  [errors.JWSSignatureVerificationFailed.code]: "was not signed with a key that is accepted here",
  [errors.JWKSNoMatchingKey.code]: "was not signed with a key that is accepted here",
  [errors.JWKSMultipleMatchingKeys.code]: "must name its key in the header (kid)",
};

/** What is wrong with a claim that jose checks, as it follows "the token". */
const CLAIM_FAULTS: Readonly<Record<string, string>> = {
  iss: "was made by an issuer that is not accepted here (iss)",
  aud: "was made for someone else (aud)",
  nbf: "is not valid yet (nbf)",
};

/**
 * Makes whatever a check threw one of our errors. Its sentence comes from a table: nothing of the token, of
 * the keys or of the libraries is in it.
 */
export function toTokenError(thrown: unknown): AnywireError {
  if (thrown instanceof AnywireError) return thrown;
  return refuseToken(faultOf(thrown) ?? "can't be checked", thrown);
}

/** The error for a token that is not accepted; `fault` follows "the token". */
export function refuseToken(fault: string, cause?: unknown): AnywireError {
  return new AnywireError("unauthenticated", `the token ${fault}`, { cause });
}

function faultOf(thrown: unknown): string | undefined {
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return CLAIM_FAULTS[thrown.claim] ?? "has a time claim that is not a number";
  }
  return thrown instanceof errors.JOSEError ? FAULTS[thrown.code] : undefined;
}
