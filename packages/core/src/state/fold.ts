import { AnywireError, type DomainKind, ENTRY_DATA, type EntryData } from "@anywire/types";
import type { LogEntry } from "../ports/log.ts";
import { foldAccount, foldDevice, foldSeen } from "./fold-account.ts";
import { foldAdded, foldOpened, foldRemoved, foldRole, foldUpdated } from "./fold-channel.ts";
import { foldConnection } from "./fold-connection.ts";
import { foldConsent } from "./fold-consent.ts";
import { foldContact } from "./fold-contact.ts";
import { foldDelivery } from "./fold-delivery.ts";
import { foldInbound } from "./fold-inbound.ts";
import { foldDeleteForMe, foldDelivered, foldHide, foldMute, foldRead } from "./fold-marks.ts";
import { foldDelete, foldEdit, foldMessage, foldPin, foldReaction } from "./fold-message.ts";
import type { StateView } from "./state-view.ts";

/** What the fold needs to know of an entry. */
export type FoldEntry = Pick<
  LogEntry,
  "channel" | "id" | "kind" | "sender" | "dataJson" | "offset" | "at"
>;

/** Folds an entry of one kind into the state; throws to refuse it. */
export type Fold<K extends DomainKind> = (
  view: StateView,
  entry: FoldEntry,
  data: EntryData<K>,
) => void;

const FOLDS: { readonly [K in DomainKind]: Fold<K> } = {
  opened: foldOpened,
  updated: foldUpdated,
  added: foldAdded,
  removed: foldRemoved,
  role: foldRole,
  edit: foldEdit,
  delete: foldDelete,
  reaction: foldReaction,
  pin: foldPin,
  read: foldRead,
  delivered: foldDelivered,
  mute: foldMute,
  hide: foldHide,
  delete_for_me: foldDeleteForMe,
  account: foldAccount,
  seen: foldSeen,
  device: foldDevice,
  contact: foldContact,
  consent: foldConsent,
  delivery: foldDelivery,
  connection: foldConnection,
  inbound: foldInbound,
};

/**
 * Folds an entry into the state: the one place that says what follows from the log. A pure function of the state
 * before and the entry, so that every node and every rebuild come to the same state. Who may do what was decided
 * before the entry was appended; here it is refused only when it contradicts what is there.
 * @throws {AnywireError} `conflict`, `not_found`, `permission_denied`, `bad_request`: the entry changes nothing then.
 */
export function foldEntry(view: StateView, entry: FoldEntry): void {
  const { kind } = entry;
  if (kind === "message") foldMessage(view, entry);
  else if (isDomainKind(kind)) foldDomain(kind, view, entry);
}

/** Whether the server alone writes entries of a kind, for the messaging model. */
export function isDomainKind(kind: string): kind is DomainKind {
  return Object.hasOwn(FOLDS, kind);
}

function foldDomain<K extends DomainKind>(kind: K, view: StateView, entry: FoldEntry): void {
  const parsed = ENTRY_DATA[kind].safeParse(JSON.parse(entry.dataJson));
  if (!parsed.success) {
    throw new AnywireError("bad_request", `the data of entry ${entry.id} is not that of ${kind}`);
  }
  FOLDS[kind](view, entry, parsed.data as EntryData<K>);
}
