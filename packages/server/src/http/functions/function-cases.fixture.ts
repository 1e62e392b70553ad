import { AnywireError, type ErrorCode } from "@anywire/types";
import type { ApiCase } from "../api-case.fixture.ts";
import { createTestApp, type TestApp } from "../create-test-app.fixture.ts";
import { FUNCTION_EXAMPLES } from "./function-examples.ts";
import { createRecordedFunctions } from "./served-functions.fixture.ts";

const FUNCTIONS = "/v1/functions";
const REVISIONS = "/v1/revisions";
const DEPLOYMENT = "/v1/deployment";
const SMS = `${FUNCTIONS}/sms-length`;
const NONE = `${FUNCTIONS}/none`;

const code = { name: "sms-length", file: "sms-length.ts", code: "export default 1;" };
/** Of a revision that can be put up. */
const REVISION = { id: FUNCTION_EXAMPLES.revision.id, functions: [code] };
const ACTIVATE = { action: "activate", revision: REVISION.id };

/** Whatever is asked of functions fails so. */
function failing(errorCode: ErrorCode): () => Promise<TestApp> {
  const fail = async (): Promise<never> => {
    throw new AnywireError(errorCode, "for a test");
  };
  const host = { list: fail, trial: fail, deadLetters: fail, replay: fail };
  const decisions = { put: fail, activate: fail, disable: fail, enable: fail };
  const current = (): never => {
    throw new AnywireError(errorCode, "for a test");
  };
  const deployments = { ...decisions, current, revisions: current };
  return () => createTestApp({ functions: createRecordedFunctions({ host, deployments }) });
}

/** Cases of the refusals that every operation on functions knows. */
function refusals(path: string, json?: object): Readonly<Record<number, ApiCase>> {
  const request = json === undefined ? {} : { json };
  return {
    401: { path, request: { ...request, token: null } },
    // Whoever may do everything else on a platform.
    403: { path, request },
    503: { app: failing("unavailable"), path, request: { ...request, isOperator: true } },
  };
}

/** A good request of an operator. */
function good(path: string, json?: object): ApiCase {
  return { path, request: { ...(json === undefined ? {} : { json }), isOperator: true } };
}

function full(path: string, json: object): ApiCase {
  return { ...good(path, json), app: failing("storage_full") };
}

/** How to get each documented answer about functions. */
export const FUNCTION_CASES: Readonly<Record<string, Readonly<Record<number, ApiCase>>>> = {
  listFunctions: { 200: good(FUNCTIONS), ...refusals(FUNCTIONS) },
  runFunction: {
    200: good(`${SMS}/run`, { event: { message: { text: "hi" } } }),
    400: good(`${SMS}/run`, { event: 5 }),
    404: good(`${NONE}/run`, {}),
    413: good(`${SMS}/run`, { event: { text: "x".repeat(9000) } }),
    ...refusals(`${SMS}/run`, {}),
  },
  listDeadLetters: {
    200: good(`${SMS}/dead-letters`),
    400: good(`${SMS}/dead-letters?limit=0`),
    404: good(`${NONE}/dead-letters`),
    501: {
      ...good(`${SMS}/dead-letters`),
      app: () => createTestApp({ functions: createRecordedFunctions({ runsAfter: false }) }),
    },
    ...refusals(`${SMS}/dead-letters`),
  },
  replayDeadLetters: {
    200: good(`${SMS}/replay`, {}),
    400: good(`${SMS}/replay`, { offset: 0 }),
    404: good(`${NONE}/replay`, {}),
    ...refusals(`${SMS}/replay`, {}),
  },
  disableFunction: {
    200: good(`${SMS}/disable`, {}),
    404: { ...good(`${NONE}/disable`, {}), app: failing("not_found") },
    507: full(`${SMS}/disable`, {}),
    ...refusals(`${SMS}/disable`, {}),
  },
  enableFunction: {
    200: good(`${SMS}/enable`, {}),
    400: good(`${SMS}/enable`, { fromNow: 1 }),
    404: { ...good(`${NONE}/enable`, {}), app: failing("not_found") },
    507: full(`${SMS}/enable`, {}),
    ...refusals(`${SMS}/enable`, {}),
  },
  listRevisions: { 200: good(REVISIONS), ...refusals(REVISIONS) },
  putRevision: {
    201: good(REVISIONS, REVISION),
    400: good(REVISIONS, { ...REVISION, id: "short" }),
    413: good(REVISIONS, { ...REVISION, note: [[[[[[[[[[1]]]]]]]]]] }),
    501: { ...good(REVISIONS, REVISION), app: failing("unsupported") },
    507: full(REVISIONS, REVISION),
    ...refusals(REVISIONS, REVISION),
  },
  getDeployment: { 200: good(DEPLOYMENT), ...refusals(DEPLOYMENT) },
  decideDeployment: {
    200: good(DEPLOYMENT, ACTIVATE),
    400: good(DEPLOYMENT, { action: "activate" }),
    404: { ...good(DEPLOYMENT, ACTIVATE), app: failing("not_found") },
    409: { ...good(DEPLOYMENT, ACTIVATE), app: failing("conflict") },
    501: { ...good(DEPLOYMENT, ACTIVATE), app: failing("unsupported") },
    507: full(DEPLOYMENT, ACTIVATE),
    ...refusals(DEPLOYMENT, ACTIVATE),
  },
};
