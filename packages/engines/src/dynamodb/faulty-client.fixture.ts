import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

const WRITES = new Set(["TransactWriteItemsCommand", "BatchWriteItemCommand", "UpdateItemCommand"]);

/** What becomes of one request: it goes through, is lost on the way, or its answer is. */
export type Fate = "passes" | "request lost" | "answer lost";

/** Decides of each request what becomes of it, and when. */
export type Faults = (isWrite: boolean) => Fate | Promise<Fate>;

/** Puts faults between a client and its server; an error is what `fail` makes. */
export function withFaults(faults: Faults, fail: () => Error): (client: DynamoDBClient) => void {
  return (client) => {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const isWrite = WRITES.has(String(context["commandName"]));
        const fate = await faults(isWrite);
        if (fate === "request lost") throw fail();
        const answer = await next(args);
        if (fate === "answer lost") throw fail();
        return answer;
      },
      { step: "build", name: "faults" },
    );
  };
}

/** What a client sees of a throttled or lost request. */
export function passingError(name = "ThrottlingException"): Error {
  return Object.assign(new Error("injected"), { name, $metadata: { httpStatusCode: 400 } });
}

/** What nobody tries again: as good as the end of the process. */
export function killed(): Error {
  return new Error("killed");
}
