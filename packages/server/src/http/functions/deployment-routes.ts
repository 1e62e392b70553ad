import type { Deployments, Revision } from "@anywire/functions/runtime";
import {
  type DeploymentDecision,
  deploymentDecisionSchema,
  deploymentSchema,
  putRevisionRequestSchema,
  revisionInfoSchema,
  revisionsAnswerSchema,
} from "@anywire/types";
import type { z } from "zod";
import type { ApiRoute } from "../api-operation.ts";
import type { TokenChecker } from "../bearer-token.ts";
import { checkInput } from "../check-input.ts";
import { type BodyLimits, readJsonBody } from "../json-body.ts";
import { orBuildProblems } from "./build-problems.ts";
import { FUNCTION_EXAMPLES } from "./function-examples.ts";
import { OPERATOR_ERRORS } from "./function-routes.ts";
import { authenticateOperator } from "./operator.ts";
import type { ServedFunctions } from "./served-functions.ts";

/** What deciding which functions run needs. */
export interface DeploymentRoutesOptions {
  readonly functions: Pick<ServedFunctions, "deployments">;
  readonly verifier: TokenChecker;
  readonly bodyLimits: BodyLimits;
}

/** The largest revision, bytes of JSON: code comes with its source maps. */
const MAX_REVISION_BYTES = 64 * 1024 * 1024;

/** The routes that put up revisions and decide which of them runs. */
export function createDeploymentRoutes(options: DeploymentRoutesOptions): ApiRoute[] {
  return [
    listRevisionsRoute(options),
    putRevisionRoute(options),
    getDeploymentRoute(options),
    decideRoute(options),
  ];
}

function listRevisionsRoute({
  functions: { deployments },
  verifier,
}: DeploymentRoutesOptions): ApiRoute {
  return {
    operation: {
      method: "GET",
      path: "/v1/revisions",
      id: "listRevisions",
      tag: "Functions",
      summary: "List revisions",
      description: "Every revision of the functions that was put up.",
      needsToken: true,
      answers: {
        200: {
          description: "The revisions.",
          schema: revisionsAnswerSchema,
          example: { revisions: [FUNCTION_EXAMPLES.revision] },
        },
      },
      errors: OPERATOR_ERRORS,
    },
    async handle(context) {
      await authenticateOperator(context, verifier);
      return context.json({ revisions: deployments.revisions() });
    },
  };
}

function putRevisionRoute(options: DeploymentRoutesOptions): ApiRoute {
  const {
    verifier,
    functions: { deployments },
  } = options;
  const bodyLimits = { ...options.bodyLimits, maxBodyBytes: MAX_REVISION_BYTES };
  return {
    operation: {
      method: "POST",
      path: "/v1/revisions",
      id: "putRevision",
      tag: "Functions",
      summary: "Put up a revision",
      description:
        "Stores the code of all functions, as `anywire functions deploy` bundles it. It does not run before it is activated. The same code again is the same revision.",
      needsToken: true,
      body: { schema: putRevisionRequestSchema, example: FUNCTION_EXAMPLES.putRevision },
      answers: {
        201: {
          description: "Stored.",
          schema: revisionInfoSchema,
          example: FUNCTION_EXAMPLES.revision,
        },
      },
      errors: [...OPERATOR_ERRORS, "bad_request", "too_large", "unsupported", "storage_full"],
    },
    async handle(context) {
      const { accountId } = await authenticateOperator(context, verifier);
      const body = await readJsonBody(context.req.raw, bodyLimits);
      const request = checkInput(putRevisionRequestSchema, body, "the revision");
      const revision = revisionOf(request);
      return context.json(await deployments.put(revision, accountId, request.note), 201);
    },
  };
}

function revisionOf({ id, functions }: z.output<typeof putRevisionRequestSchema>): Revision {
  return {
    id,
    functions: functions.map(({ pubnub, ...code }) =>
      pubnub === undefined ? code : { ...code, pubnub },
    ),
  };
}

function getDeploymentRoute({
  functions: { deployments },
  verifier,
}: DeploymentRoutesOptions): ApiRoute {
  return {
    operation: {
      method: "GET",
      path: "/v1/deployment",
      id: "getDeployment",
      tag: "Functions",
      summary: "See which functions run",
      description:
        "The active revision, what runs beside it, which functions are disabled, and what keeps newer ones from running.",
      needsToken: true,
      answers: {
        200: {
          description: "What runs.",
          schema: deploymentSchema,
          example: FUNCTION_EXAMPLES.deployment,
        },
      },
      errors: OPERATOR_ERRORS,
    },
    async handle(context) {
      await authenticateOperator(context, verifier);
      return context.json(deployments.current());
    },
  };
}

function decideRoute({ functions, verifier, bodyLimits }: DeploymentRoutesOptions): ApiRoute {
  const { deployments } = functions;
  return {
    operation: {
      method: "POST",
      path: "/v1/deployment",
      id: "decideDeployment",
      tag: "Functions",
      summary: "Decide which functions run",
      description:
        "Activates a revision, goes back to the one before, gives one to part of the channels (canary), or lets one run beside, with its effects discarded (shadow). Answers once it runs on the server that was asked; the others follow. A revision that can't be loaded is refused, and what ran goes on.",
      needsToken: true,
      body: {
        schema: deploymentDecisionSchema,
        example: { action: "activate", revision: FUNCTION_EXAMPLES.revision.id },
      },
      answers: {
        200: {
          description: "It runs.",
          schema: deploymentSchema,
          example: FUNCTION_EXAMPLES.deployment,
        },
      },
      errors: [
        ...OPERATOR_ERRORS,
        "bad_request",
        "not_found",
        "conflict",
        "unsupported",
        "storage_full",
      ],
    },
    async handle(context) {
      const { accountId } = await authenticateOperator(context, verifier);
      const body = await readJsonBody(context.req.raw, bodyLimits);
      const decision = checkInput(deploymentDecisionSchema, body, "the decision");
      await orBuildProblems(decide(deployments, decision, accountId));
      return context.json(deployments.current());
    },
  };
}

function decide(deployments: Deployments, decision: DeploymentDecision, by: string): Promise<void> {
  switch (decision.action) {
    case "activate":
      return deployments.activate(decision.revision, by);
    case "rollback":
      return deployments.rollBack(by);
    case "canary":
      return deployments.canary({ revision: decision.revision, percent: decision.percent }, by);
    case "end-canary":
      return deployments.canary(null, by);
    case "shadow":
      return deployments.shadow(decision.revision, by);
    case "end-shadow":
      return deployments.shadow(null, by);
  }
}
