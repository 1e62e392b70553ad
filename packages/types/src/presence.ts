import { z } from "zod";
import { accountIdSchema } from "./address.ts";
import { MAX_PRESENCE_ACCOUNTS } from "./presence-channel.ts";

/** What a device says of its owner: `away` when nobody has touched it for a while. */
export const deviceStatusSchema = z.enum(["online", "away"]);

/** What a device says of its owner. */
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;

/** Whether an account is there, all its devices taken together: also the data of a signal of kind `presence`. */
export const accountPresenceSchema = z.object({
  account: accountIdSchema,
  status: z
    .enum(["online", "away", "offline"])
    .describe(
      "`online`: on some device. `away`: on some, and away from each. `offline`: no device is connected.",
    ),
  lastSeenAt: z
    .int()
    .nullable()
    .describe(
      "With `offline`: when its last device went, milliseconds since the Unix epoch (UTC); null when that is not known.",
    ),
});

/** Whether an account is there, all its devices taken together: also the data of a signal of kind `presence`. */
export type AccountPresence = z.infer<typeof accountPresenceSchema>;

/** Request of `presence.get`: over HTTP a list with commas. */
export const presenceRequestSchema = z.strictObject({
  accounts: z
    .preprocess(
      (given) => (typeof given === "string" ? given.split(",") : given),
      z.array(accountIdSchema).min(1).max(MAX_PRESENCE_ACCOUNTS),
    )
    .describe(`The accounts' ids, ${MAX_PRESENCE_ACCOUNTS} at most.`),
});

/** Answer of `presence.get`: in the order of the request. */
export const accountPresenceAnswerSchema = z.object({ accounts: z.array(accountPresenceSchema) });

/** Answer of `presence.get`. */
export type AccountPresenceAnswer = z.infer<typeof accountPresenceAnswerSchema>;

/** Request of the RPC method `presence.set`: how it is with this connection. */
export const presenceSetRpcSchema = z.strictObject({ status: deviceStatusSchema });

/** Request of the RPC method `presence.set`. */
export type PresenceSetRpc = z.infer<typeof presenceSetRpcSchema>;
