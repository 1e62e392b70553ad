import type {
  DeadLettersPage,
  DeploymentAnswer,
  FunctionRun,
  FunctionStatusAnswer,
  RevisionInfoAnswer,
} from "@anywire/types";

const AT = 1_783_526_400_000;
const REVISION = "q4m1x7z0c9v2b8n3k5j6h1g2f3";

const status: FunctionStatusAnswer = {
  name: "sms-length",
  trigger: "beforePublish",
  binding: "*.sms.*",
  file: "sms-length.ts",
  options: { deadlineMs: 200 },
  revision: REVISION,
  state: "running",
  stats: {
    runs: 1042,
    errors: 1,
    retries: 0,
    differences: 0,
    p50Ms: 0.21,
    p99Ms: 1.4,
    lastRunAt: AT,
    lastError: {
      failure: "threw",
      message: "Cannot read properties of undefined (reading 'length')",
      stack: "at sms-length.ts:4:26",
      at: AT - 60_000,
    },
  },
  lag: null,
};

const run: FunctionRun = {
  result: { type: "abort", reason: "too long for SMS" },
  durationMs: 0.3,
  queuedMs: 0.1,
  lines: [{ level: "info", text: "refused", fields: { length: 1700 }, at: AT }],
  effects: [{ method: "kv.increment", args: ["refused", 1] }],
};

const deadLetters: DeadLettersPage = {
  deadLetters: [
    {
      entry: {
        offset: 1042,
        id: "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55",
        kind: "message",
        channel: "production.sms.123",
        sender: "account:bob",
        at: AT,
        data: { text: "Hello" },
      },
      attempts: 8,
      error: "the webhook answered 503",
      at: AT + 120_000,
    },
  ],
  cursor: "1042",
};

const revision: RevisionInfoAnswer = {
  id: REVISION,
  functions: ["sms-length"],
  at: AT,
  by: "ops",
  note: "Shorter texts",
};

const deployment: DeploymentAnswer = {
  source: "deployments",
  active: REVISION,
  canary: null,
  shadow: null,
  disabled: [],
  problems: [],
};

/** What requests and answers about functions look like. */
export const FUNCTION_EXAMPLES = {
  status,
  run,
  deadLetters,
  revision,
  deployment,
  putRevision: {
    id: REVISION,
    functions: [{ name: "sms-length", file: "sms-length.ts", code: "export default …" }],
    note: revision.note,
  },
} as const;
