import type { Trigger } from "@anywire/functions";

/** What a new function begins with. */
export interface FunctionStarter {
  /** What it is bound to when nothing is said. */
  readonly binding: string;
  /** The text of its file. */
  readonly code: (binding: string) => string;
  /** A test of it: its name, and its body, which knows the function as `definition`. */
  readonly test: { readonly says: string; readonly body: string };
}

const OK = { says: "lets what it is run for pass", body: runAndExpect('{ type: "ok" }') };

/** By trigger. */
export const FUNCTION_STARTERS: Readonly<Record<Trigger, FunctionStarter>> = {
  beforePublish: {
    binding: "*.group.*",
    code: (binding) => `import { beforePublish } from "@anywire/functions";

/** Runs in the way of each message: it may pass as it is or changed, be refused, or go to another channel. */
export default beforePublish(${binding}, async (event, { log }) => {
  if (event.message.text.includes("forbidden")) return event.abort("please say that otherwise");
  log.info("a message passed", { channel: event.channel });
  return event.ok();
});
`,
    test: {
      says: "refuses what is forbidden, and says so",
      body: `  const { result } = await runFunction(definition, { message: "this is forbidden" });
  assert.deepEqual(result, { type: "abort", reason: "please say that otherwise" });
`,
    },
  },
  beforeSignal: {
    binding: "*.group.*",
    code: (binding) => `import { beforeSignal } from "@anywire/functions";

/** Runs in the way of each signal, such as typing: it may pass or be refused. */
export default beforeSignal(${binding}, async (event) => {
  if (event.accountId === "bot") return event.abort("bots do not type");
  return event.ok();
});
`,
    test: {
      says: "refuses the signals of a bot",
      body: `  const { result } = await runFunction(definition, { accountId: "bot" });
  assert.deepEqual(result, { type: "abort", reason: "bots do not type" });
`,
    },
  },
  afterPublish: {
    binding: "*.group.*",
    code: (binding) => `import { afterPublish } from "@anywire/functions";

/** Runs for each message once it is stored, at least once. When it throws, it is run again. */
export default afterPublish(${binding}, async (event, { kv }) => {
  await kv.increment(\`messages.\${event.channelType}\`);
});
`,
    test: OK,
  },
  afterSignal: {
    binding: "*.group.*",
    code: (binding) => `import { afterSignal } from "@anywire/functions";

/** Runs for each signal, such as typing, once it was told. */
export default afterSignal(${binding}, async (event, { log }) => {
  log.info(event.kind, { account: event.accountId });
});
`,
    test: OK,
  },
  afterPresence: {
    binding: "*.group.*",
    code: (binding) => `import { afterPresence } from "@anywire/functions";

/** Runs when a connection comes to a channel, or leaves it. */
export default afterPresence(${binding}, async (event, { log }) => {
  log.info(event.action, { account: event.accountId });
});
`,
    test: OK,
  },
  onRequest: {
    binding: "POST /hello/:name",
    code: (binding) => `import { onRequest } from "@anywire/functions";

/** Answers requests under /functions. */
export default onRequest(${binding}, async (event) => {
  return event.respond({ path: event.path, params: event.params });
});
`,
    test: {
      says: "answers",
      body: `  const { response } = await runFunction(definition);
  assert.equal(response.status, 200);
`,
    },
  },
  onInterval: {
    binding: "10m",
    code: (binding) => `import { onInterval } from "@anywire/functions";

/** Runs again and again, once in the whole cluster each time. */
export default onInterval(${binding}, async (_event, { kv, log }) => {
  log.info("still here", { runs: await kv.increment("runs") });
});
`,
    test: OK,
  },
  onCron: {
    binding: "0 9 * * 1-5",
    code: (binding) => `import { onCron } from "@anywire/functions";

/** Runs at times of the calendar: minute, hour, day, month, weekday. */
export default onCron(${binding}, async (_event, { log }) => {
  log.info("good morning");
}, { timeZone: "UTC" });
`,
    test: OK,
  },
};

function runAndExpect(result: string): string {
  return `  const { result } = await runFunction(definition);
  assert.deepEqual(result, ${result});
`;
}

/** The text of a new function's test, which Node runs as it is: `node --test`. */
export function starterTest(name: string, { test }: FunctionStarter): string {
  return `import assert from "node:assert/strict";
import { test } from "node:test";
import { runFunction } from "@anywire/functions";
import definition from "./${name}.ts";

test("${name} ${test.says}", async () => {
${test.body}});
`;
}
