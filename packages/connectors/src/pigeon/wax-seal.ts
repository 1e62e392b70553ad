import { createHmac } from "node:crypto";

/** What a scroll is sealed with, in both directions. */
export function sealOf(secret: string, body: string | Uint8Array): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}
