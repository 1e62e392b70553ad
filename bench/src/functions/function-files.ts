import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The code of functions, by their names. */
export type FunctionCode = Readonly<Record<string, string>>;

/** A function that lets every message on the channels of a pattern pass. */
export function beforeNothing(pattern: string): string {
  return channelFunction("beforePublish", pattern, "() => {}");
}

/** A function that does nothing after every message on the channels of a pattern. */
export function afterNothing(pattern: string): string {
  return channelFunction("afterPublish", pattern, "() => {}");
}

/** A function that never comes to its end, in the way of every message on the channels of a pattern. */
export function endlessLoop(pattern: string, deadlineMs: number): string {
  return channelFunction("beforePublish", pattern, "() => { for (;;); }", { deadlineMs });
}

/** Writes functions as files to a new directory. */
export function writeFunctions(directory: string, code: FunctionCode): void {
  mkdirSync(directory);
  for (const [name, text] of Object.entries(code)) {
    writeFileSync(join(directory, `${name}.ts`), text);
  }
}

function channelFunction(
  trigger: "beforePublish" | "afterPublish",
  pattern: string,
  handler: string,
  options: object = {},
): string {
  const args = [JSON.stringify(pattern), handler, JSON.stringify(options)].join(", ");
  return `import { ${trigger} } from "@anywire/functions";\n\nexport default ${trigger}(${args});\n`;
}
