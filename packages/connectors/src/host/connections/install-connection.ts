import { AnywireError, type ConnectionHealth } from "@anywire/types";
import { isInstalling } from "../../contract/abilities.ts";
import type { ConnectionContext } from "../../contract/context.ts";
import type { ConnectionDesk } from "./connection-desk.ts";
import type { Connections } from "./connections.ts";
import { hideSecrets } from "./hide-secrets.ts";

/** How long a network may take to take note of where to call, ms. */
const TIMEOUT_MS = 10_000;

/**
 * Tells the network where to call, where its connector can. What goes wrong is no reason to refuse the change that led to it: it is
 * kept, for the connection's health to tell.
 */
export async function installConnection(desk: ConnectionDesk, id: string): Promise<void> {
  const { connections, kv } = desk.options;
  const problem = await tell(connections, id, "install");
  try {
    if (problem === undefined) await kv.delete(keyOf(id));
    else await kv.set(keyOf(id), problem);
  } catch (error) {
    desk.options.onError(toError(id, error));
  }
}

/** Tells the network to call no more, as well as it goes: the connection is about to be removed. */
export async function uninstallConnection(desk: ConnectionDesk, id: string): Promise<void> {
  const { connections, kv, onError } = desk.options;
  const problem = await tell(connections, id, "uninstall");
  if (problem !== undefined) onError(new AnywireError("unavailable", `${id}: ${problem}`));
  await kv.delete(keyOf(id)).catch((error: unknown) => onError(toError(id, error)));
}

/** What the network said when it was last told where to call; undefined when it took note. */
export async function installHealth(
  desk: ConnectionDesk,
  id: string,
): Promise<ConnectionHealth | undefined> {
  const kept = await desk.options.kv.get(keyOf(id));
  if (kept === undefined) return undefined;
  const reason = `the network was not told where to call: ${kept.value}`;
  return { state: "degraded", reason, humanAction: "none", retryAt: null, checkedAt: null };
}

/** What went wrong, in words that hold no secret; undefined when nothing did. */
async function tell(
  connections: Connections,
  id: string,
  what: "install" | "uninstall",
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let secrets: ConnectionContext["secrets"] = {};
  const work = async (): Promise<void> => {
    const connection = await connections.find(id);
    if (connection === undefined || !isInstalling(connection.connector)) return;
    secrets = connection.context.secrets;
    await connection.connector[what](connection.context, signal);
  };
  try {
    await inTime(work(), signal);
    return undefined;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return hideSecrets(words, { secrets }).slice(0, 512);
  }
}

/** Rejects when the signal aborts, whether the work heeds it or not. */
export async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => {};
  const late = new Promise<never>((_, reject) => {
    abort = () => reject(new AnywireError("unavailable", "the network did not answer in time"));
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function toError(id: string, cause: unknown): AnywireError {
  return new AnywireError("unavailable", `could not keep how ${id} was installed`, { cause });
}

function keyOf(id: string): string {
  return `connection-install/${id}`;
}
