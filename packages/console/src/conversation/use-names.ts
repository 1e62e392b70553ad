import type { AnywireClient } from "@anywire/client";
import { useClient } from "@anywire/client/react";
import { useSyncExternalStore } from "react";
import { AccountNames, type NameOf } from "./account-names.ts";

const known = new WeakMap<AnywireClient, AccountNames>();

/** What to call people on this side. */
export function useNames(): NameOf {
  const client = useClient();
  const names = known.get(client) ?? new AccountNames(client);
  known.set(client, names);
  return useSyncExternalStore(names.subscribe, names.getState);
}
