import { z } from "zod";
import { accountIdSchema } from "./address.ts";
import { linkSchema, metaSchema, titleSchema } from "./profile.ts";

/** Someone who signs in to the product, as others of the platform see them. */
export const accountSchema = z.object({
  id: accountIdSchema,
  name: z.string().nullable().describe("What people call them; null when nobody has said."),
  avatarUrl: z.string().nullable(),
  meta: metaSchema,
  createdAt: z.int().describe("When it became known, milliseconds since the Unix epoch (UTC)."),
});

/** Someone who signs in to the product, as others of the platform see them. */
export type Account = z.infer<typeof accountSchema>;

/** What can be said of an account; null takes away, what is absent stays. */
export const accountChangeSchema = z.strictObject({
  name: titleSchema.nullable().optional(),
  avatarUrl: linkSchema.nullable().optional(),
  meta: metaSchema.optional(),
});

/** What can be said of an account; null takes away, what is absent stays. */
export type AccountChange = z.infer<typeof accountChangeSchema>;

/** Body of `POST /v1/accounts`: creates it, or changes it when it is there. */
export const saveAccountRequestSchema = accountChangeSchema.safeExtend({ id: accountIdSchema });

/** Body of `POST /v1/accounts`. */
export type SaveAccountRequest = z.infer<typeof saveAccountRequestSchema>;

/** A page of accounts; without `cursor` it is the last one. */
export const accountsPageSchema = z.object({
  accounts: z.array(accountSchema),
  cursor: z.string().optional().describe("Where the next page starts."),
});

/** A page of accounts. */
export type AccountsPage = z.infer<typeof accountsPageSchema>;

/** One of an account's devices. */
export const deviceSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -"),
  name: z.string().nullable().describe("What its owner calls it, such as `Ann's phone`."),
  kind: z.enum(["web", "ios", "android", "desktop", "other"]),
  push: z
    .object({ service: z.enum(["web", "fcm", "apns"]), target: z.string() })
    .nullable()
    .describe("Where to send what it should show while it is away."),
  addedAt: z.int().describe("Milliseconds since the Unix epoch (UTC)."),
});

/** One of an account's devices. */
export type Device = z.infer<typeof deviceSchema>;

/** Body of `POST /v1/me/devices`: makes a device known, or changes what is known of it. */
export const saveDeviceRequestSchema = z.strictObject({
  id: deviceSchema.shape.id,
  name: titleSchema.nullable().optional(),
  kind: deviceSchema.shape.kind.default("other"),
  push: z
    .strictObject({
      service: z.enum(["web", "fcm", "apns"]),
      target: z.string().min(1).max(4096),
    })
    .nullable()
    .optional(),
});

/** Body of `POST /v1/me/devices`. */
export type SaveDeviceRequest = z.infer<typeof saveDeviceRequestSchema>;

/** Answer of `GET /v1/me/devices`. */
export const devicesSchema = z.object({ devices: z.array(deviceSchema) });

/** Answer of `GET /v1/me/devices`. */
export type Devices = z.infer<typeof devicesSchema>;
