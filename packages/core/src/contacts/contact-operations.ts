import {
  AnywireError,
  accountIdOf,
  addAddressRequestSchema,
  type Contact,
  type ContactEntry,
  type ContactHistory,
  type ContactsPage,
  contactHistoryQuerySchema,
  contactHistorySchema,
  contactRequestSchema,
  contactSchema,
  contactsPageSchema,
  contactsQuerySchema,
  createContactRequestSchema,
  createEntryId,
  formatChannelName,
  mergeRequestSchema,
  removeAddressRequestSchema,
  rotateAddressRequestSchema,
  updateContactRequestSchema,
  verifyAddressRequestSchema,
} from "@anywire/types";
import type { z } from "zod";
import type { MessagingContext } from "../messaging/messaging-context.ts";
import { type Caller, done, type Operation } from "../messaging/operation.ts";
import { stableId } from "../messaging/stable-id.ts";
import type { Appended } from "../ports/log.ts";
import { addressKey, contactKey } from "../state/state-key.ts";
import { consentOperation } from "./consent-operation.ts";

/** What can be done with contacts. */
export function contactOperations(context: MessagingContext): Operation[] {
  return [
    createContact(context),
    getContact(context),
    listContacts(context),
    contactHistory(context),
    changing(context, "contact.update", updateContactRequestSchema, (request) => {
      return { action: "updated", ...request };
    }),
    changing(context, "contact.add_address", addAddressRequestSchema, async (request) => {
      return {
        action: "address_added",
        ...request,
        address: await contactAddress(request.address),
      };
    }),
    changing(context, "contact.verify_address", verifyAddressRequestSchema, async (request) => {
      return {
        action: "address_verified",
        ...request,
        address: await contactAddress(request.address),
      };
    }),
    changing(context, "contact.remove_address", removeAddressRequestSchema, async (request) => {
      return {
        action: "address_removed",
        ...request,
        address: await contactAddress(request.address),
      };
    }),
    changing(context, "contact.rotate_address", rotateAddressRequestSchema, async (request) => {
      const { from, to, reason } = request;
      const action = "address_rotated" as const;
      return { action, from: await contactAddress(from), to: await contactAddress(to), reason };
    }),
    changing(context, "contact.merge", mergeRequestSchema, (request) => {
      return { action: "merged", ...request };
    }),
    changing(context, "contact.unmerge", mergeRequestSchema, (request) => {
      return { action: "unmerged", ...request };
    }),
    consentOperation(context),
  ];
}

/**
 * Who is behind an address, as `contact:<id>`: a new contact when nobody is. Its id follows from the address, so that those
 * who ask at once get one. A contact that had the address and lost it is passed over: who has it now may be somebody else.
 * To name one that is there needs no permission; what is then done with it does.
 * @throws {AnywireError} `bad_request` when it is no address, `permission_denied` when the contact is new to the platform and
 * the caller may not make it
 */
export async function contactBehind(
  context: MessagingContext,
  caller: Caller,
  given: string,
): Promise<string> {
  const { platform } = caller.principal;
  const address = await contactAddress(given);
  let offset = 0;
  for (let turn = 0; ; turn += 1) {
    const owner = await context.get(addressKey(platform, address), offset);
    if (owner !== undefined) return `contact:${owner}`;
    const id = stableId(["contact", platform, address, ...(turn > 0 ? [`${turn}`] : [])]);
    const channel = channelOf(platform, id);
    const isThere = await context.secondLook(channel, async () => {
      if ((await context.get(contactKey(channel))) !== undefined) return true;
      await context.access.assertMay(caller.principal, "manage", channel);
      return false;
    });
    if (isThere) continue;
    const created = await createBehind(context, caller, channel, address);
    if (created?.isNew) return `contact:${id}`;
    offset = created?.entry.offset ?? offset;
  }
}

/**
 * The contact that has an address, as `contact:<id>`; undefined when nobody has it.
 * @throws {AnywireError} `bad_request` when it is no address of a contact
 */
export async function contactWith(
  context: MessagingContext,
  { principal }: Caller,
  given: string,
): Promise<string | undefined> {
  const owner = await context.get(addressKey(principal.platform, await contactAddress(given)));
  return owner === undefined ? undefined : `contact:${owner}`;
}

/** The contact that somebody is now, as `contact:<id>`: the one it was merged into, or itself, also when there is none. */
export async function contactNow(
  context: MessagingContext,
  { principal }: Caller,
  id: string,
): Promise<string> {
  let present = id;
  for (;;) {
    const contact = await context.get(contactKey(channelOf(principal.platform, present)));
    // Who is merged can not be merged into, so this comes to an end.
    if (contact === undefined || contact.mergedInto === null) return `contact:${present}`;
    present = contact.mergedInto;
  }
}

/** Creates a contact with one address, once; undefined when another contact got the address a moment before. */
async function createBehind(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  address: string,
): Promise<Appended | undefined> {
  try {
    return await context.record(caller, {
      channel,
      kind: "contact",
      id: "created",
      data: { action: "created", addresses: [address], name: null, meta: {} },
    });
  } catch (error) {
    if (error instanceof AnywireError && error.code === "conflict") return undefined;
    throw error;
  }
}

function createContact(
  context: MessagingContext,
): Operation<z.output<typeof createContactRequestSchema>, Contact> {
  return {
    name: "contact.create",
    request: createContactRequestSchema,
    answer: contactSchema,
    async run(caller, { addresses, ...given }) {
      const channel = channelOf(caller.principal.platform, createEntryId());
      await context.access.assertMay(caller.principal, "manage", channel);
      context.pipeline.assertFits(given);
      const data = {
        action: "created",
        addresses: await Promise.all(addresses.map(contactAddress)),
        ...given,
      } as const;
      const { entry } = await context.record(caller, { channel, kind: "contact", data });
      return { answer: await contactOf(context, channel, entry.offset), isNew: true };
    },
  };
}

function getContact(
  context: MessagingContext,
): Operation<z.infer<typeof contactRequestSchema>, Contact> {
  return {
    name: "contact.get",
    request: contactRequestSchema,
    answer: contactSchema,
    async run({ principal }, { id }) {
      const channel = channelOf(principal.platform, id);
      await context.access.assertMay(principal, "subscribe", channel);
      return done(await contactOf(context, channel));
    },
  };
}

function listContacts(
  context: MessagingContext,
): Operation<z.output<typeof contactsQuerySchema>, ContactsPage> {
  return {
    name: "contact.list",
    request: contactsQuerySchema,
    answer: contactsPageSchema,
    async run({ principal }, { address, cursor, limit }) {
      const { platform } = principal;
      await context.access.assertMaySubscribe(principal, `${platform}.contact.*`);
      if (address !== undefined) {
        const owner = await context.get(addressKey(platform, await contactAddress(address)));
        const contacts =
          owner === undefined ? [] : [await contactOf(context, channelOf(platform, owner))];
        return done({ contacts });
      }
      const { items, hasMore } = await context.state.list({
        partition: `${platform}/contacts`,
        prefix: "",
        limit,
        ...(cursor === undefined ? {} : { after: cursor }),
      });
      const keys = items.map(({ sort }) => contactKey(channelOf(platform, sort)));
      const contacts = (await context.getAll(keys)).filter((contact) => contact !== undefined);
      const last = items.at(-1)?.sort;
      return done({ contacts, ...(hasMore && last !== undefined ? { cursor: last } : {}) });
    },
  };
}

function contactHistory(context: MessagingContext): Operation {
  const request = contactHistoryQuerySchema.extend(contactRequestSchema.shape);
  const operation: Operation<z.output<typeof request>, ContactHistory> = {
    name: "contact.history",
    request,
    answer: contactHistorySchema,
    async run({ principal }, { id, after, limit }) {
      const channel = channelOf(principal.platform, id);
      await context.access.assertMay(principal, "subscribe", channel);
      await contactOf(context, channel);
      const page = await context.log.read({ pattern: channel, after, limit, order: "asc" });
      const entries = page.entries.map(({ offset, id: entryId, kind, sender, at, dataJson }) => {
        return { offset, id: entryId, kind, sender, at, data: JSON.parse(dataJson) as unknown };
      });
      const last = entries.at(-1);
      const hasMore = page.hasMore && last !== undefined;
      return done({ entries, ...(hasMore ? { cursor: String(last.offset) } : {}) });
    },
  };
  return operation;
}

/** An operation that decides one thing about one contact, and answers with the contact after it. */
function changing<S extends z.ZodObject>(
  context: MessagingContext,
  name: string,
  schema: S,
  toEntry: (request: z.output<S>) => ContactEntry | Promise<ContactEntry>,
): Operation {
  const operation: Operation = {
    name,
    request: schema.extend(contactRequestSchema.shape),
    answer: contactSchema,
    async run(caller, { id, ...request }) {
      const { principal } = caller;
      const channel = channelOf(principal.platform, id);
      await context.access.assertMay(principal, "manage", channel);
      const data = await toEntry(request as z.output<S>);
      if (data.action === "merged" || data.action === "unmerged") {
        // It takes addresses from the other, or gives it some: that is to decide about both.
        const other = channelOf(principal.platform, data.from);
        await context.access.assertMay(principal, "manage", other);
      }
      context.pipeline.assertFits(data);
      const { entry } = await context.record(caller, { channel, kind: "contact", data });
      return done(await contactOf(context, channel, entry.offset));
    },
  };
  return operation;
}

/** The canonical form of an address that a contact can have. */
async function contactAddress(given: string): Promise<string> {
  // What is known of the world's phone numbers is large, and many a server never needs it.
  const { canonicalAddress } = await import("./canonical-address.ts");
  const address = canonicalAddress(given);
  if (accountIdOf(address) === undefined && !address.startsWith("contact:")) return address;
  throw new AnywireError("bad_request", `${address} is no address of a contact, but somebody's id`);
}

async function contactOf(
  context: MessagingContext,
  channel: string,
  atLeast?: number,
): Promise<Contact> {
  const id = channel.slice(channel.lastIndexOf(".") + 1);
  return await context.find(contactKey(channel), `there is no contact ${id}`, atLeast);
}

function channelOf(platform: string, id: string): string {
  return formatChannelName({ platform, type: "contact", id });
}
