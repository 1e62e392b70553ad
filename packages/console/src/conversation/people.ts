/** How much of a contact's id tells it apart for people. */
const SHORT_ID = 6;

/**
 * What to call someone: an account's id with a capital, a contact by the beginning of its id, otherwise the address without its
 * kind.
 */
export function displayName(address: string): string {
  const value = address.slice(address.indexOf(":") + 1);
  if (address.startsWith("contact:")) return `Contact ${value.slice(0, SHORT_ID)}`;
  return address.startsWith("account:") ? value.charAt(0).toUpperCase() + value.slice(1) : value;
}

/** A list of names as one would say it: `June`, `June and Ann`, `June, Ann and 3 others`. */
export function listNames(names: readonly string[]): string {
  const [first = "", second, ...others] = names;
  if (second === undefined) return first;
  if (others.length === 0) return `${first} and ${second}`;
  const rest = others.length === 1 ? "1 other" : `${others.length} others`;
  return `${first}, ${second} and ${rest}`;
}
