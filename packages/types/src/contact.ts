import { z } from "zod";
import { addressSchema } from "./address.ts";
import { entrySchema } from "./entry.ts";
import { metaSchema, titleSchema } from "./profile.ts";

const contactId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -")
  .describe("A contact's id.");
const time = z.int().describe("Milliseconds since the Unix epoch (UTC).");
const reason = z.string().trim().min(1).max(512);
const address = addressSchema.describe(
  "Where the contact is reached, such as `phone:+447700900123`.",
);

/** An address as people write it; it is stored in its canonical form. */
const given = z
  .string()
  .min(3)
  .max(300)
  .describe("Where the contact is reached, such as `phone:+44 7700 900123`.");

/** One of a contact's addresses. */
export const contactAddressSchema = z.object({
  address,
  addedAt: time,
  verifiedAt: time
    .nullable()
    .describe("When it was shown to be the contact's; null while it was not."),
  from: z
    .array(contactId)
    .describe("The contacts it came from by merging, the latest last; empty for its own."),
});

/** A person outside, reached over networks. */
export const contactSchema = z.object({
  id: contactId,
  name: z.string().nullable(),
  addresses: z.array(contactAddressSchema),
  mergedInto: contactId.nullable().describe("The contact that has its addresses since a merge."),
  meta: metaSchema,
  createdAt: time,
});

/** A person outside, reached over networks. */
export type Contact = z.infer<typeof contactSchema>;

/** The data of entries of kind `contact`: what was decided about a contact, and why. */
export const contactEntrySchema = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("created"),
    addresses: z.array(address),
    name: z.string().nullable(),
    meta: metaSchema,
    reason: reason.optional(),
  }),
  z.object({
    action: z.literal("updated"),
    name: z.string().nullable().optional(),
    meta: metaSchema.optional(),
  }),
  z.object({ action: z.literal("address_added"), address, reason: reason.optional() }),
  z.object({ action: z.literal("address_verified"), address, method: z.string() }),
  z.object({ action: z.literal("address_removed"), address, reason }),
  z.object({ action: z.literal("address_rotated"), from: address, to: address, reason }),
  z.object({ action: z.literal("merged"), from: contactId, reason }),
  z.object({ action: z.literal("unmerged"), from: contactId, reason }),
]);

/** What was decided about a contact, and why. */
export type ContactEntry = z.infer<typeof contactEntrySchema>;

/** Body of `POST /v1/contacts`. */
export const createContactRequestSchema = z.strictObject({
  addresses: z.array(given).min(1).max(100),
  name: titleSchema.nullable().default(null),
  meta: metaSchema.default({}),
  reason: reason.optional(),
});

/** Names a contact. */
export const contactRequestSchema = z.strictObject({ id: contactId });

/** What to change of a contact; null takes away, what is absent stays. */
export const updateContactRequestSchema = z.strictObject({
  name: titleSchema.nullable().optional(),
  meta: metaSchema.optional(),
});

/** An address to add. */
export const addAddressRequestSchema = z.strictObject({
  address: given,
  reason: reason.optional(),
});
/** An address that was shown to be the contact's. */
export const verifyAddressRequestSchema = z.strictObject({
  address: given,
  method: z.string().trim().min(1).max(128).describe("How, such as `sms code`."),
});
/** An address to take away, and why. */
export const removeAddressRequestSchema = z.strictObject({ address: given, reason });
/** An address that another takes the place of, and why. */
export const rotateAddressRequestSchema = z.strictObject({ from: given, to: given, reason });
/** The contact that is the same person, and how one knows; or that is another after all. */
export const mergeRequestSchema = z.strictObject({ from: contactId, reason });

/** Query of `GET /v1/contacts`. */
export const contactsQuerySchema = z.strictObject({
  address: given.optional().describe("Only the contact who has this address."),
  cursor: contactId.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A page of contacts; without `cursor` it is the last one. */
export const contactsPageSchema = z.object({
  contacts: z.array(contactSchema),
  cursor: z.string().optional(),
});

/** A page of contacts. */
export type ContactsPage = z.infer<typeof contactsPageSchema>;

/** Query of `GET /v1/contacts/{id}/history`. */
export const contactHistoryQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** What was decided about a contact, oldest first: by whom, when, what and why. */
export const contactHistorySchema = z.object({
  entries: z.array(entrySchema),
  cursor: z.string().optional().describe("Give it as `after`."),
});

/** What was decided about a contact. */
export type ContactHistory = z.infer<typeof contactHistorySchema>;
