import type { AnywireClient } from "@anywire/client";
import { fieldsOf, type NetworkField } from "./network-fields.ts";

/** Networks that channels can lead to: those with a connection. None where it can't be told now; never rejects. */
export async function readNetworks(client: AnywireClient): Promise<readonly NetworkField[]> {
  // Who waits for the server opens no channel either.
  if (client.state !== "connected") return [];
  try {
    const [{ connections }, { connectors }] = await Promise.all([
      client.call("connection.list", { limit: 1000 }),
      client.call("connector.list", {}),
    ]);
    const networks = connections.filter(({ isEnabled }) => isEnabled).map((one) => one.network);
    return fieldsOf(networks, connectors);
  } catch (thrown) {
    // Whoever may not look at connections may still write over them; a server without any has none to offer.
    const { code } = thrown as { readonly code?: string };
    return code === "permission_denied" ? fieldsOf(undefined) : [];
  }
}
