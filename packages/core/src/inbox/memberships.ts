import type { StateStore } from "../ports/state-store.ts";
import type { ChannelDocument, MembershipDocument } from "../state/documents.ts";
import { CHANNEL, MEMBERSHIP } from "../state/state-key.ts";

/** A channel that an account takes, or took, part in. */
export interface Membership {
  readonly document: ChannelDocument;
  readonly membership: MembershipDocument;
}

/** All channels that an account takes, or took, part in, as of one moment. */
export interface Memberships {
  readonly all: readonly Membership[];
  /** Offset of the last entry that is in it. */
  readonly position: number;
}

/** Reads the channels of an account, by its partition, the name of its notification channel. */
export async function readMemberships(
  state: StateStore,
  partition: string,
  atLeast?: number,
): Promise<Memberships> {
  const { items, followed, position } = await state.list({
    partition,
    prefix: MEMBERSHIP,
    follow: CHANNEL,
    ...(atLeast === undefined ? {} : { atLeast }),
  });
  const all: Membership[] = [];
  for (const [i, { value }] of items.entries()) {
    const document = followed[i] as ChannelDocument | undefined;
    if (document !== undefined) all.push({ document, membership: value as MembershipDocument });
  }
  return { all, position };
}
