import type { RunFunctionRequest } from "@anywire/types";

/** An event as somebody wrote it, or what is wrong with it. */
export function readEvent(text: string): NonNullable<RunFunctionRequest["event"]> | Error {
  if (text.trim() === "") return {};
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event === "object" && event !== null && !Array.isArray(event)) {
      return event as NonNullable<RunFunctionRequest["event"]>;
    }
    return new Error("The event must be an object, in curly brackets.");
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return new Error(`This is not JSON yet: ${reason}`);
  }
}
