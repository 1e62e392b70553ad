import { styleText } from "node:util";
import { readEnvironment } from "../config/environment.ts";
import type { Output, StopSignal, Terminal } from "./terminal.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const satisfies StopSignal[];

/** The terminal of this process. Colours are left out where they can't be seen or are not wanted (`NO_COLOR`). */
export function createProcessTerminal(): Terminal {
  return {
    out: createOutput(process.stdout),
    err: createOutput(process.stderr),
    directory: process.cwd(),
    environment: readEnvironment(),
    onSignal: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
    exit: (code) => process.exit(code),
  };
}

function createOutput(stream: NodeJS.WriteStream): Output {
  // The reader has seen enough, as in `anywire tail … | head`.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    line: (text) => void stream.write(`${text}\n`),
    paint: (style, text) => styleText(style, text, { stream }),
  };
}
