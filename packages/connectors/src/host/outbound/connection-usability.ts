import { toAnywireError } from "@anywire/types";
import type { Connections, OpenConnection } from "../connections/connections.ts";
import { type ConnectionRates, ratesOf } from "./connection-rates.ts";

/**
 * Nothing can be sent for a moment: the connection is known, but not usable, `isSure` as long as nobody changes it; or it is gone, and
 * all fails.
 */
export type Usability =
  | {
      readonly state: "usable";
      readonly connection: OpenConnection;
      readonly rates: ConnectionRates;
    }
  | { readonly state: "unusable"; readonly reason: string; readonly isSure: boolean }
  | { readonly state: "removed" };

/** Changes with what decides how fast something may leave. */
export function ratesKeyOf(usability: Usability): string {
  if (usability.state !== "usable") return usability.state;
  const { limits, portfolio, settings } = usability.connection.document;
  return JSON.stringify([limits, portfolio, settings]);
}

/** Whether a connection can be used now, as it is known. */
export async function lookAt(
  connections: Pick<Connections, "find">,
  id: string,
): Promise<Usability> {
  try {
    const connection = await connections.find(id);
    if (connection === undefined) return { state: "removed" };
    if (connection.document.isEnabled) {
      return { state: "usable", connection, rates: ratesOf(connection) };
    }
    return { state: "unusable", reason: "the connection is switched off", isSure: true };
  } catch (error) {
    return { state: "unusable", reason: toAnywireError(error).message, isSure: false };
  }
}
