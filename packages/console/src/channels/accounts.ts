import type { ChannelSummary } from "@anywire/types";

const ACCOUNT = "account:";

/** The account ids in what somebody wrote, separated by commas or spaces, each once. */
export function accountsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

/** Ids of the accounts that take part in channels, newest activity first, each once and without oneself. */
export function accountsOf(rows: readonly ChannelSummary[], self: string | undefined): string[] {
  const addresses = rows.flatMap(({ participants }) => participants);
  const others = addresses.filter((one) => one.startsWith(ACCOUNT) && one !== self);
  return [...new Set(others)].map((address) => address.slice(ACCOUNT.length));
}
