import { Console } from "node:console";
import { Writable } from "node:stream";
import type { LogLine } from "../run.ts";
import { formatLine } from "./log-line.ts";

/** Is told each line. */
export type LineSink = (level: LogLine["level"], text: string) => void;

/** Has `console` and the standard streams of this thread tell their lines to `sink`. */
export function captureConsole(sink: LineSink): void {
  const stdout = lineStream((text) => sink("info", text));
  const stderr = lineStream((text) => sink("warn", text));
  const captured = new Console({ stdout, stderr });
  const say =
    (level: LogLine["level"]) =>
    (...args: unknown[]) =>
      sink(level, formatLine(args));
  Object.assign(captured, {
    debug: say("debug"),
    log: say("info"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
  });
  globalThis.console = captured;
  process.stdout.write = stdout.write.bind(stdout) as typeof process.stdout.write;
  process.stderr.write = stderr.write.bind(stderr) as typeof process.stderr.write;
}

/** Each write is a line, told at once: within the run that writes. */
function lineStream(tell: (text: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      tell(text.replace(/\n$/, ""));
      done();
    },
  });
}
