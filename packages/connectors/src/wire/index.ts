export { BodyBudget, type BodyLease } from "./body-budget.ts";
export { jsonBody } from "./json-body.ts";
export type { Answered, NetworkCall, NetworkCallResult, NotAnswered } from "./network-call.ts";
export { callNetwork } from "./network-call.ts";
export { retryAfterMs } from "./retry-after.ts";
export { isOneOf } from "./same-secret.ts";
