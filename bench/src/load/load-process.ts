/** A process that makes load: it does what the bench asks for and answers with what it saw. */
import { type LoadCommands, loadCommands } from "./load-commands.ts";

/** A command on its way to the process. */
export interface LoadRequest {
  readonly name: keyof LoadCommands;
  readonly args: readonly unknown[];
}

/** What became of it. */
export type LoadAnswer = { readonly result: unknown } | { readonly failure: string };

process.on("message", (request: LoadRequest) => {
  void answer(request).then((outcome) => process.send?.(outcome));
});
process.on("disconnect", () => process.exit());

async function answer({ name, args }: LoadRequest): Promise<LoadAnswer> {
  try {
    const command: (...args: never[]) => unknown = loadCommands[name];
    return { result: await command(...(args as never[])) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
