import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/**
 * Where a request comes from, for the log: the socket's other end, or, behind a trusted proxy, what the
 * proxy says. Of several hops only the last is the proxy's own word; whoever is before it may lie.
 */
export function clientAddress(context: Context, trustProxy: boolean): string | undefined {
  const hops = trustProxy ? context.req.header("x-forwarded-for") : undefined;
  const { incoming }: Partial<HttpBindings> = context.env ?? {};
  return hops?.split(",").at(-1)?.trim() || incoming?.socket.remoteAddress;
}
