import { AnywireError } from "@anywire/types";
import { z } from "zod";
import { type Command, JsonText } from "../protocol.ts";
import { RPC_METHODS } from "../rpc/registry.ts";
import type { Session } from "../session.ts";
import { parseParams } from "./parse-params.ts";

const rpcSchema = z.object({ method: z.string(), data: z.unknown().optional() });
const sendSchema = z.object({ data: rpcSchema });

/** `rpc`: calls a method of the product's own API. */
export async function rpc(session: Session, command: Command): Promise<void> {
  const { method, data } = parseParams(rpcSchema, command.params);
  const result = await call(session, method, data);
  session.reply(command, { data: new JsonText(JSON.stringify(result)) });
}

/** `send`: the same without an answer; its data is `{method, data}`. */
export async function send(session: Session, command: Command): Promise<void> {
  const { method, data } = parseParams(sendSchema, command.params).data;
  await call(session, method, data);
}

function call(session: Session, method: string, data: unknown): Promise<unknown> {
  const handle = RPC_METHODS.get(method);
  if (handle === undefined) {
    const known = [...RPC_METHODS.keys()].join(", ");
    throw new AnywireError(
      "method_not_found",
      `there is no method ${method.slice(0, 64)}; there are ${known}`,
    );
  }
  return handle(session, data);
}
