import { unsupported } from "../unsupported.ts";

/**
 * `ugc` of PubNub: there, it calls PubNub's own moderation service.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/ugc
 */
export const ugc = {
  /** Rejects with `unsupported`. */
  async moderateMessage(): Promise<never> {
    throw unsupported(
      "ugc.moderateMessage",
      "it is a service of PubNub; call a moderation service of your own with xhr.fetch",
    );
  },
};
