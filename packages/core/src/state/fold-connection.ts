import { AnywireError, type EntryData, parseChannelName } from "@anywire/types";
import type { ConnectionDocument } from "./documents.ts";
import type { FoldEntry } from "./fold.ts";
import { connectionIndexKey, connectionKey, defaultConnectionKey } from "./state-key.ts";
import type { StateView } from "./state-view.ts";

/**
 * What was decided about a connection. Its id is one in the whole installation, since it stands alone in the URL of its webhooks;
 * of a network's connections on a platform one is the default.
 * @throws {AnywireError} `conflict`, `not_found`
 */
export function foldConnection(
  view: StateView,
  entry: FoldEntry,
  data: EntryData<"connection">,
): void {
  const { platform, id } = parseChannelName(entry.channel);
  const known = view.get(connectionKey(id));
  if (data.action === "created") {
    if (known !== undefined) {
      throw new AnywireError("conflict", `there is a connection ${id} already; choose another id`);
    }
    const { action: _, ...given } = data;
    view.set(connectionIndexKey(platform, id), true);
    keep(view, { id, platform, ...given, overlapUntil: null, createdAt: entry.at });
    return;
  }
  if (known === undefined || known.platform !== platform) {
    throw new AnywireError("not_found", `there is no connection ${id}`);
  }
  if (data.action === "removed") remove(view, known);
  else if (data.action === "rotated") {
    const secrets = [...new Set([...known.secrets, ...data.secrets])].sort();
    keep(view, { ...known, secrets, overlapUntil: data.overlapUntil });
  } else {
    const { action: _, ...given } = data;
    const changes = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    );
    // New secrets took the place of all: none of before holds beside them.
    const overlap = data.secrets === undefined ? {} : { overlapUntil: null };
    keep(view, { ...known, ...changes, ...overlap });
  }
}

function keep(view: StateView, connection: ConnectionDocument): void {
  const { id, platform, network, isDefault } = connection;
  const key = defaultConnectionKey(platform, network);
  const other = view.get(key);
  if (isDefault && other !== id) {
    const before = other === undefined ? undefined : view.get(connectionKey(other));
    if (before !== undefined) view.set(connectionKey(before.id), { ...before, isDefault: false });
    view.set(key, id);
  }
  if (!isDefault && other === id) view.delete(key);
  view.set(connectionKey(id), connection);
}

function remove(view: StateView, { id, platform, network }: ConnectionDocument): void {
  view.delete(connectionKey(id));
  view.delete(connectionIndexKey(platform, id));
  const key = defaultConnectionKey(platform, network);
  if (view.get(key) === id) view.delete(key);
}
