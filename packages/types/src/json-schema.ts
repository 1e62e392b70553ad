import { z } from "zod";

/**
 * Any JSON value, as `JSON.parse` gave it. It is not looked into: `z.json()` would walk all of it, slowly
 * and by recursion, so that one small frame of ten thousand brackets overflowed the stack. Size and depth
 * are the pipeline's to limit.
 */
export const jsonSchema = z.unknown();
