import { AnywireError } from "@anywire/types";

/** What an error of the SDK tells. */
interface VendorError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly CancellationReasons?: readonly { readonly Code?: string | undefined }[];
}

const CONDITION = "ConditionalCheckFailed";

/** Errors that pass: the same call may succeed a moment later. */
const PASSING: ReadonlySet<string> = new Set([
  "InternalServerError",
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestTimeout",
  "ServiceUnavailable",
  "ThrottlingException",
  "TimeoutError",
  "TransactionConflictException",
  "TransactionInProgressException",
]);

/** What to do about errors that do not pass by themselves. */
const LASTING: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "is not there: make it, or allow dynamodb.createTable",
  AccessDeniedException:
    "may not be used with these credentials: check the policy of their user or role",
  UnrecognizedClientException: "does not know these credentials: check dynamodb.accessKeyId",
  InvalidSignatureException:
    "does not know these credentials: check dynamodb.secretAccessKey, and the clock",
  ExpiredTokenException: "does not take these credentials any more: renew them",
  CredentialsProviderError:
    "needs credentials: set dynamodb.accessKeyId, or give this machine a role",
};

/** Whether a call failed because the condition of a write did not hold. */
export function isConditionFailure(thrown: unknown): boolean {
  const { name, CancellationReasons = [] } = thrown as VendorError;
  return (
    name === "ConditionalCheckFailedException" ||
    CancellationReasons.some(({ Code }) => Code === CONDITION)
  );
}

/** Whether the same call may succeed a moment later: throttled, timed out, out of reach, or at odds with another. */
export function isPassing(thrown: unknown): boolean {
  const { name = "", code, $metadata, CancellationReasons } = thrown as VendorError;
  if (CancellationReasons !== undefined) return CancellationReasons.every(isPassingReason);
  if (PASSING.has(name) || ($metadata?.httpStatusCode ?? 0) >= 500) return true;
  // The connection failed, with a code of the operating system such as ECONNRESET.
  return code?.startsWith("E") === true && !code.startsWith("ERR_");
}

/** What callers see of a call that failed for good. */
export function toDynamodbError(thrown: unknown, table: string): AnywireError {
  if (thrown instanceof AnywireError) return thrown;
  const { name = "Error", message = String(thrown) } = thrown as VendorError;
  const known = LASTING[name];
  if (known !== undefined) {
    return new AnywireError("unavailable", `the DynamoDB table ${table} ${known}`, {
      cause: thrown,
    });
  }
  if (isPassing(thrown)) {
    return new AnywireError(
      "unavailable",
      `the DynamoDB table ${table} cannot be used for now (${name}: ${message})`,
      { cause: thrown },
    );
  }
  if (/region is missing/i.test(message)) {
    return new AnywireError("unavailable", "DynamoDB needs a region: set dynamodb.region", {
      cause: thrown,
    });
  }
  return new AnywireError("internal", `DynamoDB refused a call on ${table} (${name}: ${message})`, {
    cause: thrown,
  });
}

function isPassingReason({ Code = "None" }: { readonly Code?: string | undefined }): boolean {
  return (
    Code !== CONDITION && Code !== "ValidationError" && Code !== "ItemCollectionSizeLimitExceeded"
  );
}
