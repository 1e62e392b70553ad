import { AnywireError } from "@anywire/types";
import { z } from "zod";
import { type Command, JsonText } from "../protocol.ts";
import { presenceSet } from "../rpc/presence-set.ts";
import { signalSend } from "../rpc/signal-send.ts";
import { tokenRefresh } from "../rpc/token-refresh.ts";
import type { Session } from "../session.ts";
import { parseParams } from "./parse-params.ts";

type ConnectionMethod = (session: Session, data: unknown) => Promise<object>;

/** Methods that are of no use without a connection, and so no operations of the model. */
export const ON_CONNECTION: ReadonlyMap<string, ConnectionMethod> = new Map<
  string,
  ConnectionMethod
>([
  ["signal.send", signalSend],
  ["token.refresh", tokenRefresh],
  ["presence.set", presenceSet],
]);

const rpcSchema = z.object({ method: z.string(), data: z.unknown().optional() });
const sendSchema = z.object({ data: rpcSchema });

/** `rpc`: calls an operation of the messaging model, the same that HTTP calls. */
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

async function call(session: Session, method: string, data: unknown): Promise<unknown> {
  const onConnection = ON_CONNECTION.get(method);
  if (onConnection !== undefined) return await onConnection(session, data);
  const { operations, waitFor } = session.edge;
  const operation = operations.get(method);
  if (operation === undefined) {
    throw new AnywireError("method_not_found", unknownMethod(method, [...operations.keys()]));
  }
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  const request = parseParams(operation.request, isObject ? await waitFor(data) : (data ?? {}));
  const caller = { principal: session.principal, client: session.id };
  return (await operation.run(caller, request)).answer;
}

/** Names those that are meant most likely: of the same group, or else the groups. */
function unknownMethod(method: string, known: readonly string[]): string {
  const all = [...ON_CONNECTION.keys(), ...known];
  const group = method.slice(0, method.indexOf(".") + 1);
  const near = group === "" ? [] : all.filter((name) => name.startsWith(group));
  const groups = new Set(all.map((name) => `${name.slice(0, name.indexOf("."))}.*`));
  const there = near.length > 0 ? near : [...groups];
  return `there is no method ${method.slice(0, 64)}; there are ${there.join(", ")}`;
}
