import { once } from "node:events";
import { forkChild, stopChild } from "../processes/children.ts";
import type { LoadCommands } from "./load-commands.ts";
import type { LoadAnswer, LoadRequest } from "./load-process.ts";

/** A process that makes load, seen from the bench. */
export interface Load {
  /**
   * Does one command in the process; wait for it before the next.
   * @throws when the command failed there, or the process ended.
   */
  call<Name extends keyof LoadCommands>(
    name: Name,
    ...args: Parameters<LoadCommands[Name]>
  ): ReturnType<LoadCommands[Name]>;
  /** Ends the process and with it every connection it has. */
  close(): Promise<void>;
}

/** Starts a process that makes load. */
export function startLoad(): Load {
  const child = forkChild(new URL("load-process.ts", import.meta.url));
  const ended = once(child, "exit").then(() => {
    throw new Error("the load process ended");
  });
  ended.catch(() => undefined);
  const ask = async (request: LoadRequest): Promise<unknown> => {
    const answered = once(child, "message");
    child.send(request);
    const [answer] = (await Promise.race([answered, ended])) as [LoadAnswer];
    if ("failure" in answer) throw new Error(`the load is not valid: ${answer.failure}`);
    return answer.result;
  };
  return {
    call: <Name extends keyof LoadCommands>(name: Name, ...args: Parameters<LoadCommands[Name]>) =>
      ask({ name, args }) as ReturnType<LoadCommands[Name]>,
    close: () => stopChild(child),
  };
}
