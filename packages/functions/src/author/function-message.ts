import { type Message, messageSchema } from "@anywire/types";
import { describeIssues } from "./describe-issues.ts";
import { describeValue } from "./describe-value.ts";
import type { FunctionMessage } from "./events.ts";
import { badResult } from "./function-fault.ts";

/** A message as functions see it: with a `text`, `""` where it has only parts. The message itself stays as it is. */
export function toFunctionMessage(message: Message): FunctionMessage {
  return { ...message, text: message.text ?? "" };
}

/**
 * A message as it is stored: without an empty text. One that is stored already comes back the same.
 * @throws {FunctionFault} `bad_result` when it is no message.
 */
export function fromFunctionMessage(value: unknown): Message {
  const parsed = messageSchema.safeParse(withoutEmptyText(value));
  if (parsed.success) return parsed.data;
  throw badResult(
    `${describeValue(value)} is no message, such as { text: "Hello" }: ${describeIssues(parsed.error)}`,
  );
}

function withoutEmptyText(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("text" in value)) return value;
  const { text, ...rest } = value;
  return text === "" ? rest : value;
}
