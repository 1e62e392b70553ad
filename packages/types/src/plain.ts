// What needs no schema, for threads that check nothing: loading zod and all schemas takes longer than the rest of a thread's start.
export { AnywireError } from "./errors.ts";
export { QUIET_TYPES } from "./quiet-types.ts";
