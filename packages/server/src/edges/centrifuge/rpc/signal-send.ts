import { signalSendRpcSchema } from "@anywire/types";
import { parseParams } from "../commands/parse-params.ts";
import type { Session } from "../session.ts";

/** `signal.send`: tells a channel something live, such as typing; nothing is stored. */
export async function signalSend(session: Session, params: unknown): Promise<object> {
  const { channel, kind, data = null } = parseParams(signalSendRpcSchema, params);
  const { principal, id: client, edge } = session;
  await edge.pipeline.signal(principal, { channel, client, kind, data });
  return {};
}
