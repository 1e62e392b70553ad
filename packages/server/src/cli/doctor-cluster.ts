import type { Config } from "../config/config.ts";
import { createEngine } from "../engine.ts";
import type { Finding } from "./doctor-checks.ts";

/** How far the state may be behind the log before nobody seems to keep it in step. */
const MAX_BEHIND = 1_000;

/** Whether the log of a cluster can be reached. */
export async function checkClusterLog(config: Config): Promise<Finding> {
  const { log } = await createEngine(config);
  await log.start();
  try {
    const head = await log.head(">");
    return { ok: true, detail: `NATS answers; prefix ${config.nats.prefix}, at offset ${head}` };
  } finally {
    await log.close();
  }
}

/** Whether the state of a cluster can be reached, and comes along with the log. */
export async function checkClusterState(config: Config): Promise<Finding> {
  const { log, state } = await createEngine(config);
  await log.start();
  try {
    await state.start();
    const [head, offset] = [await log.head(">"), await state.position()];
    const where = `at offset ${offset}, the log at ${head}, table ${config.dynamodb.table}`;
    if (head - offset <= MAX_BEHIND) return { ok: true, detail: where };
    return { ok: false, detail: `${where}: start a server with the role projector` };
  } finally {
    await state.close();
    await log.close();
  }
}
