import type { Log } from "@anywire/core";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ChangeBus } from "../shared/change-bus.ts";

/** How to reach DynamoDB. */
export interface DynamodbTableOptions {
  /** Name of the table. */
  readonly table: string;
  /** Whether to make the table when it is not there. Default true. */
  readonly createTable?: boolean;
  /** Address of a server that speaks the DynamoDB API, in place of AWS. */
  readonly endpoint?: string;
  /** Default: as the AWS SDK finds it. */
  readonly region?: string;
  /** Default: as the AWS SDK finds them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How long one request may take before it is made again, ms. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** How long a call is tried while DynamoDB throttles or is out of reach, ms. Default 10,000. */
  readonly retryMs?: number;
  /** Called with the client before its first request, such as to add middleware. */
  readonly configure?: (client: DynamoDBClient) => void;
}

/** Settings of a state in DynamoDB. */
export interface DynamodbStateOptions extends DynamodbTableOptions {
  /** The log that the state follows from; not started. */
  readonly log: Log;
  /** Carries what changed from node to node. The state starts and closes it. */
  readonly bus: ChangeBus;
  /** How long a read waits for an entry to come into the state, ms. Default 10,000. */
  readonly maxWaitMs?: number;
  /** How old a node's knowledge of the position may be before it asks for it, ms. Default 1,000. */
  readonly maxAgeMs?: number;
  /** How long what a rebuild replaced is kept for readers that are still at it, ms. Default 600,000. */
  readonly retireMs?: number;
}
