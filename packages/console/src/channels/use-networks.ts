import { useClient } from "@anywire/client/react";
import { useEffect, useState } from "react";
import { fieldsOf, type NetworkField } from "./network-fields.ts";

/** Networks that channels can lead to: those with a connection. Empty until they are known. */
export function useNetworks(): readonly NetworkField[] {
  const client = useClient();
  const [fields, setFields] = useState<readonly NetworkField[]>([]);
  useEffect(() => {
    let isOver = false;
    const show = (networks: readonly string[] | undefined): void => {
      if (!isOver) setFields(fieldsOf(networks));
    };
    client.call("connection.list", { limit: 1000 }).then(
      ({ connections }) =>
        show(connections.filter(({ isEnabled }) => isEnabled).map(({ network }) => network)),
      // Whoever may not look at connections may still write over them; a server without any has none to offer.
      (thrown: { readonly code?: string }) =>
        show(thrown.code === "permission_denied" ? undefined : []),
    );
    return () => {
      isOver = true;
    };
  }, [client]);
  return fields;
}
