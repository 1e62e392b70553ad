import type { DeadLetter } from "@anywire/core";
import {
  AnywireError,
  type DeadLettersPage,
  deadLettersPageSchema,
  deadLettersQuerySchema,
  deploymentSchema,
  type ErrorCode,
  enableFunctionRequestSchema,
  functionNameSchema,
  functionRunSchema,
  functionsAnswerSchema,
  replayAnswerSchema,
  replayRequestSchema,
  runFunctionRequestSchema,
} from "@anywire/types";
import type { Context } from "hono";
import type { ApiRoute, PathParameter } from "../api-operation.ts";
import type { TokenChecker } from "../bearer-token.ts";
import { checkInput } from "../check-input.ts";
import { type BodyLimits, readJsonBody } from "../json-body.ts";
import { FUNCTION_EXAMPLES } from "./function-examples.ts";
import { functionRun, trialOf } from "./function-run.ts";
import { authenticateOperator } from "./operator.ts";
import type { ServedFunctions } from "./served-functions.ts";

/** What managing functions needs. */
export interface FunctionRoutesOptions {
  readonly functions: ServedFunctions;
  readonly verifier: TokenChecker;
  readonly bodyLimits: BodyLimits;
}

/** What any request about functions can be refused for. */
export const OPERATOR_ERRORS: readonly ErrorCode[] = [
  "unauthenticated",
  "token_expired",
  "permission_denied",
  "unavailable",
];

const FUNCTION: Readonly<Record<string, PathParameter>> = {
  function: { schema: functionNameSchema, example: "sms-length" },
};

/** The routes that look at functions, try them, and switch them on and off. */
export function createFunctionRoutes(options: FunctionRoutesOptions): ApiRoute[] {
  return [
    listRoute(options),
    runRoute(options),
    deadLettersRoute(options),
    replayRoute(options),
    disableRoute(options),
    enableRoute(options),
  ];
}

function listRoute({ functions: { host }, verifier }: FunctionRoutesOptions): ApiRoute {
  return {
    operation: {
      method: "GET",
      path: "/v1/functions",
      id: "listFunctions",
      tag: "Functions",
      summary: "List functions",
      description: "What each is bound to, which revision it is of, and how its runs went.",
      needsToken: true,
      answers: {
        200: {
          description: "All functions, in the order of their names.",
          schema: functionsAnswerSchema,
          example: { functions: [FUNCTION_EXAMPLES.status] },
        },
      },
      errors: OPERATOR_ERRORS,
    },
    async handle(context) {
      await authenticateOperator(context, verifier);
      return context.json({ functions: await host.list() });
    },
  };
}

function runRoute({ functions: { host }, verifier, bodyLimits }: FunctionRoutesOptions): ApiRoute {
  return {
    operation: {
      method: "POST",
      path: "/v1/functions/{function}/run",
      id: "runFunction",
      tag: "Functions",
      summary: "Try a function",
      description:
        "Runs it once on an event that you make up, and tells what came of it: its result or error, what it logged, and what it would have changed. Nothing happens unless `effects` is `live`.",
      needsToken: true,
      parameters: FUNCTION,
      body: {
        schema: runFunctionRequestSchema,
        example: { event: { message: { text: "Hello" } } },
      },
      answers: {
        200: {
          description: "It ran; what went wrong in it is no error here.",
          schema: functionRunSchema,
          example: FUNCTION_EXAMPLES.run,
        },
      },
      errors: [...OPERATOR_ERRORS, "bad_request", "not_found", "too_large"],
    },
    async handle(context) {
      await authenticateOperator(context, verifier);
      const body = await readJsonBody(context.req.raw, bodyLimits);
      const request = checkInput(runFunctionRequestSchema, body, "the request");
      return context.json(functionRun(await host.trial(nameOf(context), trialOf(request))));
    },
  };
}

function deadLettersRoute({ functions, verifier }: FunctionRoutesOptions): ApiRoute {
  const { host, runsAfter } = functions;
  return {
    operation: {
      method: "GET",
      path: "/v1/functions/{function}/dead-letters",
      id: "listDeadLetters",
      tag: "Functions",
      summary: "List dead letters",
      description:
        "The events that a function failed on so often that it was given up, oldest first. A server knows them that has the role `functions`. As long as there is a `cursor`, there is more: give it as `after`.",
      needsToken: true,
      parameters: FUNCTION,
      query: deadLettersQuerySchema,
      answers: {
        200: {
          description: "The page.",
          schema: deadLettersPageSchema,
          example: FUNCTION_EXAMPLES.deadLetters,
        },
      },
      errors: [...OPERATOR_ERRORS, "bad_request", "not_found", "unsupported"],
    },
    async handle(context) {
      await authenticateOperator(context, verifier);
      if (!runsAfter) {
        throw new AnywireError(
          "unsupported",
          "this server runs no functions after something; ask one that has the role functions",
        );
      }
      const query = checkInput(deadLettersQuerySchema, context.req.query(), "the query");
      const letters = await host.deadLetters(nameOf(context), query.after, query.limit);
      return context.json(deadLettersPage(letters, query.limit));
    },
  };
}

function replayRoute({ functions, verifier, bodyLimits }: FunctionRoutesOptions): ApiRoute {
  const { host, deployments, runsAfter } = functions;
  const elsewhere = { replayed: 0, failed: 0, isElsewhere: true };
  return {
    operation: {
      method: "POST",
      path: "/v1/functions/{function}/replay",
      id: "replayDeadLetters",
      tag: "Functions",
      summary: "Replay dead letters",
      description:
        "Has the function handle its dead letters once more: those that succeed are gone. Where another server works the function, it is asked to.",
      needsToken: true,
      parameters: FUNCTION,
      body: { schema: replayRequestSchema, example: { offset: 1042 } },
      answers: {
        200: {
          description: "What became of them.",
          schema: replayAnswerSchema,
          example: { replayed: 1, failed: 0, isElsewhere: false },
        },
      },
      errors: [...OPERATOR_ERRORS, "bad_request", "not_found"],
    },
    async handle(context) {
      const { accountId } = await authenticateOperator(context, verifier);
      const body = await readJsonBody(context.req.raw, bodyLimits);
      const { offset } = checkInput(replayRequestSchema, body, "the request");
      const name = nameOf(context);
      const replayed = runsAfter ? await host.replay(name, offset) : elsewhere;
      if (replayed.isElsewhere) await deployments.askReplay(name, accountId, offset);
      return context.json(replayed);
    },
  };
}

function disableRoute({ functions: { deployments }, verifier }: FunctionRoutesOptions): ApiRoute {
  return {
    operation: {
      method: "POST",
      path: "/v1/functions/{function}/disable",
      id: "disableFunction",
      tag: "Functions",
      summary: "Disable a function",
      description:
        "It does not run any more, on any server, until it is enabled. What stands in the way of messages lets them pass then.",
      needsToken: true,
      parameters: FUNCTION,
      answers: { 200: deploymentAnswer("Disabled.") },
      errors: [...OPERATOR_ERRORS, "not_found", "storage_full"],
    },
    async handle(context) {
      const { accountId } = await authenticateOperator(context, verifier);
      await deployments.disable(nameOf(context), accountId);
      return context.json(deployments.current());
    },
  };
}

function enableRoute({ functions, verifier, bodyLimits }: FunctionRoutesOptions): ApiRoute {
  const { deployments } = functions;
  return {
    operation: {
      method: "POST",
      path: "/v1/functions/{function}/enable",
      id: "enableFunction",
      tag: "Functions",
      summary: "Enable a function",
      description:
        "It runs again. One that runs after something goes on where it stopped, or passes over what came meanwhile.",
      needsToken: true,
      parameters: FUNCTION,
      body: { schema: enableFunctionRequestSchema, example: { fromNow: true } },
      answers: { 200: deploymentAnswer("Enabled.") },
      errors: [...OPERATOR_ERRORS, "bad_request", "not_found", "storage_full"],
    },
    async handle(context) {
      const { accountId } = await authenticateOperator(context, verifier);
      const body = await readJsonBody(context.req.raw, bodyLimits);
      const { fromNow } = checkInput(enableFunctionRequestSchema, body, "the request");
      await deployments.enable(nameOf(context), accountId, { fromNow });
      return context.json(deployments.current());
    },
  };
}

function deploymentAnswer(description: string) {
  return { description, schema: deploymentSchema, example: FUNCTION_EXAMPLES.deployment };
}

/** What stands for `{function}` in the path. */
function nameOf(context: Context): string {
  return checkInput(functionNameSchema, context.req.param("function"), "the function's name");
}

function deadLettersPage(letters: readonly DeadLetter[], limit: number): DeadLettersPage {
  const last = letters.at(-1);
  return {
    deadLetters: letters.map(({ entry, attempts, error, at }) => {
      const { offset, id, kind, channel, sender, client, dataJson } = entry;
      const through = client === undefined ? {} : { client };
      const data: unknown = JSON.parse(dataJson);
      return {
        entry: { offset, id, kind, channel, sender, ...through, at: entry.at, data },
        attempts,
        error,
        at,
      };
    }),
    ...(last !== undefined && letters.length === limit && { cursor: String(last.entry.offset) }),
  };
}
