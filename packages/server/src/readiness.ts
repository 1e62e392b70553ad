import { AnywireError } from "@anywire/types";
import type { Engine } from "./engine.ts";
import type { ReadyReport } from "./http/health-routes.ts";

/** What does not answer within this time counts as out of reach, ms. */
const TIMEOUT_MS = 3000;
/** A room that nobody is in. */
const EMPTY_ROOM = "_._ready.nobody";

/** Asks everything that the server leans on for something small. */
export async function readReadiness({ log, state, presence, kv }: Engine): Promise<ReadyReport> {
  const asked = {
    log: () => log.head(">"),
    state: () => state.position(),
    presence: () => presence.stats(EMPTY_ROOM),
    keyValues: () => kv.get("ready"),
  };
  const reports = Object.entries(asked).map(async ([name, ask]) => [name, await reportOf(ask)]);
  return Object.fromEntries(await Promise.all(reports));
}

async function reportOf(ask: () => Promise<unknown>): Promise<ReadyReport[string]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new AnywireError("unavailable", `no answer within ${TIMEOUT_MS} ms`);
    timer = setTimeout(reject, TIMEOUT_MS, error);
  });
  try {
    await Promise.race([ask(), tooLate]);
    return { ok: true };
  } catch (error) {
    return { ok: false, why: error instanceof AnywireError ? error.message : "it does not answer" };
  } finally {
    clearTimeout(timer);
  }
}
