import { z } from "zod";

const ORIGIN = /^(?:\*|https?:\/\/[^\s/*]+?(?::\*)?)$/;

/** An allowed origin: `*`, `https://app.example.org`, or `http://localhost:*` for any port. */
export const originSchema = z
  .string()
  .regex(ORIGIN, "must be * or an origin such as https://app.example.org or http://localhost:*");

/** Whether a browser's `Origin` header is one of the allowed origins. */
export function isAllowedOrigin(allowed: readonly string[], origin: string): boolean {
  return allowed.some((entry) => {
    if (entry === "*" || entry === origin) return true;
    if (!entry.endsWith(":*")) return false;
    const anyPort = entry.slice(0, -2);
    return (
      origin === anyPort ||
      (/^:\d{1,5}$/.test(origin.slice(anyPort.length)) && origin.startsWith(anyPort))
    );
  });
}
