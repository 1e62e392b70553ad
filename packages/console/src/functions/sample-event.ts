import type { FunctionStatusAnswer } from "@anywire/types";

/** What each segment of a channel's name is where a pattern leaves it open. */
const OPEN_SEGMENTS = ["production", "group", "1"];
/** Requests that carry a body. */
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** An event that a function would run for, to begin with. */
export function sampleEvent(
  { trigger, binding, options }: Pick<FunctionStatusAnswer, "trigger" | "binding" | "options">,
  now: number,
): Readonly<Record<string, unknown>> {
  switch (trigger) {
    case "beforePublish":
    case "afterPublish":
      return publishEvent(sampleChannel(binding), options["kinds"]);
    case "beforeSignal":
    case "afterSignal":
      return { channel: sampleChannel(binding), kind: "typing", accountId: "bob", data: null };
    case "afterPresence":
      return { channel: sampleChannel(binding), action: "join", accountId: "bob" };
    case "onRequest":
      return requestEvent(binding);
    case "onInterval":
    case "onCron":
      return { scheduledAt: now };
  }
}

function publishEvent(channel: string, kinds: unknown): Readonly<Record<string, unknown>> {
  const sender = "account:bob";
  const [first = "message"] = Array.isArray(kinds) ? kinds : [];
  if (first === "data") return { channel, sender, data: { hello: "world" } };
  return { channel, sender, message: { text: "Hello" } };
}

function sampleChannel(pattern: string): string {
  const tokens = pattern.split(".");
  return OPEN_SEGMENTS.map((open, i) => {
    const token = tokens[i] ?? ">";
    return token === "*" || token === ">" ? open : token;
  }).join(".");
}

function requestEvent(binding: string): Readonly<Record<string, unknown>> {
  const [bound = "*", boundPath = "/"] = binding.split(" ");
  const method = bound === "*" ? "GET" : bound;
  const path = boundPath.replace(/:\w+/g, "1").replace(/\*$/, "");
  return { method, path, ...(WITH_BODY.has(method) && { body: { text: "Hello" } }) };
}
