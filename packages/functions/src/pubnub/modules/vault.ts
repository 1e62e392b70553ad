import { currentContext } from "../current-run.ts";

/**
 * `vault` of PubNub, on the secrets of the configuration, `functions.secrets`.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/vault
 */
export const vault = {
  /** The secret, or null when there is none of that name. */
  async get(name: string): Promise<string | null> {
    return (await currentContext().secrets.get(name)) ?? null;
  },
};
