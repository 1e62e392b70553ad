/** Most accounts in one request for their presence. */
export const MAX_PRESENCE_ACCOUNTS = 200;

/** The channel on which the presence of an account is told: signals of kind `presence`. */
export function presenceChannel(platform: string, accountId: string): string {
  return `${platform}.presence.${accountId}`;
}
