import { presenceSetRpcSchema } from "@anywire/types";
import { parseParams } from "../commands/parse-params.ts";
import type { Session } from "../session.ts";

/** `presence.set`: says of this connection's device whether somebody is at it. */
export async function presenceSet(session: Session, data: unknown): Promise<object> {
  const { status } = parseParams(presenceSetRpcSchema, data);
  await session.edge.accountPresences.setStatus(session.principal, session.id, status);
  return {};
}
