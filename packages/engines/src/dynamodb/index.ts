export type { DynamodbStateOptions, DynamodbTableOptions } from "./dynamodb-options.ts";
export { createDynamodbState } from "./dynamodb-state-store.ts";
