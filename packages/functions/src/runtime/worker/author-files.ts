import { relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describeValue } from "../../author/describe-value.ts";

/** Where the files of a revision seem to be that was put up: deep enough for `../..` to have somewhere to lead. */
const NOWHERE = `${pathToFileURL("/srv/anywire/revisions/functions").href}/`;
const ENDING = ".function.js";
/** Frames that an author sees of an error, and causes that are told of it. */
const MAX_FRAMES = 12;
const MAX_CAUSES = 3;
const MAX_MESSAGE_CHARS = 2_000;
const MAX_STACK_CHARS = 8_000;

/** A place in an author's file, from the directory of the functions. */
export interface AuthorPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The modules of a revision by their URLs, and places in its files as its authors know them. The URLs are those of files in the
 * directory that the functions came from, so that source maps lead to the sources.
 */
export class AuthorFiles {
  readonly #base: string;
  readonly #directory: string;

  /** @param root as in `Revision` */
  constructor(root: string = NOWHERE) {
    this.#base = root;
    this.#directory = fileURLToPath(root);
  }

  urlOf(name: string): string {
    return `${this.#base}${name}${ENDING}`;
  }

  /** The function whose module it is; undefined for any other module. */
  nameOf(url: string | undefined): string | undefined {
    if (url === undefined || !url.startsWith(this.#base) || !url.endsWith(ENDING)) return undefined;
    return url.slice(this.#base.length, -ENDING.length);
  }

  /** What was thrown, in words. Never throws. */
  messageOf(thrown: unknown): string {
    try {
      if (thrown instanceof Error) return `${String(thrown.message)}`.slice(0, MAX_MESSAGE_CHARS);
    } catch {
      // Its message is a getter that throws, or the like.
    }
    return `threw ${describeValue(thrown)}, which is no Error`;
  }

  /** The stack of an error and of what caused it, without what is not the author's; undefined when there is none. Never throws. */
  stackOf(thrown: unknown): string | undefined {
    const stacks: string[] = [];
    try {
      for (
        let error = thrown;
        error instanceof Error && stacks.length <= MAX_CAUSES;
        error = error.cause
      ) {
        stacks.push(this.#shorten(String(error.stack)));
      }
    } catch {
      // As above.
    }
    if (stacks.length === 0) return undefined;
    return stacks.join("\nCaused by: ").slice(0, MAX_STACK_CHARS);
  }

  /** Where an error was thrown, in a file of the author. */
  placeOf(thrown: unknown): AuthorPlace | undefined {
    const place = /(?:\(|at )([^():\n]+):(\d+):(\d+)\)?$/m.exec(this.stackOf(thrown) ?? "");
    if (place === null) return undefined;
    const [, file = "", line, column] = place;
    return { file, line: Number(line), column: Number(column) };
  }

  #shorten(stack: string): string {
    const lines = stack.split("\n");
    const first = lines.findIndex((line) => FRAME.test(line));
    if (first < 0) return stack.slice(0, MAX_MESSAGE_CHARS);
    const message = lines.slice(0, first).join("\n").slice(0, MAX_MESSAGE_CHARS);
    const frames = lines.slice(first).flatMap((line) => this.#frame(line) ?? []);
    return [message, ...frames.slice(0, MAX_FRAMES)].join("\n");
  }

  /** A frame with its path from the directory on; undefined for what is Node's or ours. */
  #frame(line: string): string | undefined {
    const [, before = "", location = "", after = ""] = FRAME.exec(line) ?? [];
    if (/^node:|^anywire:/.test(location)) return undefined;
    const path = location.startsWith("file:") ? fileURLToPath(location) : location;
    if (!path.includes(sep) || path.startsWith(OURS)) return undefined;
    return `    at ${before}${relative(this.#directory, path).replaceAll(sep, "/")}${after}`;
  }
}

/** `    at name (path:line:column)`, or the same without the name. */
const FRAME = /^ {4}at (.*?\(|async |)([^()\s][^()]*?)(:\d+:\d+\)?)$/;

/** The directory of this package's own code. */
const OURS = fileURLToPath(new URL("../..", import.meta.url));
