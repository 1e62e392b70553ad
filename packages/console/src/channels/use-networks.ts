import { useClient } from "@anywire/client/react";
import { useEffect, useState } from "react";
import { fieldsOf, type NetworkField } from "./network-fields.ts";

/** Networks that channels can lead to: those with a connection. Empty until they are known. */
export function useNetworks(): readonly NetworkField[] {
  const client = useClient();
  const [fields, setFields] = useState<readonly NetworkField[]>([]);
  useEffect(() => {
    let isOver = false;
    const show = (found: readonly NetworkField[]): void => {
      if (!isOver) setFields(found);
    };
    const read = async (): Promise<readonly NetworkField[]> => {
      const [{ connections }, { connectors }] = await Promise.all([
        client.call("connection.list", { limit: 1000 }),
        client.call("connector.list", {}),
      ]);
      const networks = connections.filter(({ isEnabled }) => isEnabled).map((one) => one.network);
      return fieldsOf(networks, (network) => {
        return connectors.find((one) => one.network === network)?.addressKinds[0];
      });
    };
    read().then(show, (thrown: { readonly code?: string }) => {
      // Whoever may not look at connections may still write over them; a server without any has none to offer.
      show(thrown.code === "permission_denied" ? fieldsOf(undefined) : []);
    });
    return () => {
      isOver = true;
    };
  }, [client]);
  return fields;
}
