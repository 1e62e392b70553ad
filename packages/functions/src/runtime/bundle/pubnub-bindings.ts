import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toAnywireError } from "@anywire/types";
import { type TransformFailure, transform } from "esbuild";
import { z } from "zod";
import { checkOptions } from "../../author/check-options.ts";
import { TRIGGERS } from "../../author/trigger.ts";
import type { BuildProblem, PubNubBinding } from "./revision.ts";

/** Binds handlers that were written for PubNub, by the names of their files. */
const BINDINGS_FILE = "pubnub.json";

const bindingSchema = z
  .strictObject({
    trigger: z.enum(TRIGGERS, { error: `must be one of ${TRIGGERS.join(", ")}` }),
    binding: z.union([z.string(), z.number().transform(String)], {
      error: 'must be a text, such as "*.sms.*"',
    }),
    options: z
      .record(z.string(), z.unknown(), { error: 'must be an object, such as {"deadlineMs": 500}' })
      .exactOptional(),
  })
  .superRefine(({ trigger, options }, { addIssue }) => {
    try {
      checkOptions(trigger, options);
    } catch (thrown) {
      addIssue({ code: "custom", path: ["options"], message: toAnywireError(thrown).message });
    }
  });

const bindingsSchema = z.record(z.string(), bindingSchema, {
  error:
    'must be an object, such as {"greet.js": {"trigger": "beforePublish", "binding": "*.sms.*"}}',
});

/** What {@link BINDINGS_FILE} says, by file, and what is wrong with it. */
export interface PubNubBindings {
  readonly bindings: ReadonlyMap<string, PubNubBinding>;
  readonly problems: readonly BuildProblem[];
}

/** Reads the bindings of a directory whose functions are these files. Without the file there are none. */
export async function readPubNubBindings(
  directory: string,
  files: readonly string[],
): Promise<PubNubBindings> {
  const text = await readFile(join(directory, BINDINGS_FILE), "utf8").catch(nullWhenAbsent);
  if (text === null) return { bindings: new Map(), problems: [] };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return { bindings: new Map(), problems: [await syntaxProblem(text, thrown as SyntaxError)] };
  }
  const { success, data, error } = bindingsSchema.safeParse(json);
  if (!success) {
    const problems = error.issues.map(({ path, message }) =>
      problem([...path.map((key) => JSON.stringify(key)), message].join(" ")),
    );
    return { bindings: new Map(), problems };
  }
  const problems = Object.keys(data)
    .filter((file) => !files.includes(file))
    .map((file) => problem(`binds ${JSON.stringify(file)}, which is no file of a function here`));
  return { bindings: new Map(Object.entries(data)), problems };
}

function nullWhenAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}

function problem(text: string, line: number | null = null, column: number | null = null) {
  return { file: BINDINGS_FILE, line, column, text };
}

/** V8 does not tell the place; esbuild does. */
async function syntaxProblem(text: string, { message }: SyntaxError): Promise<BuildProblem> {
  const { errors } = await transform(text, { loader: "json", logLevel: "silent" }).then(
    () => ({ errors: [] }),
    (failure: TransformFailure) => failure,
  );
  const [first] = errors;
  if (first?.location == null) return problem(`is no JSON: ${message}`);
  const { line, column } = first.location;
  return problem(`is no JSON: ${first.text}`, line, column + 1);
}
