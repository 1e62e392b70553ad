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
import {
  type AnyOperation,
  type Caller,
  done,
  notFound,
  type Operation,
} from "../messaging/operation.ts";
import { stableId } from "../messaging/stable-id.ts";
import { addressKey, contactKey } from "../state/state-key.ts";
import { canonicalAddress } from "./canonical-address.ts";

/** What can be done with contacts. */
export function contactOperations(context: MessagingContext): AnyOperation[] {
  return [
    createContact(context),
    getContact(context),
    listContacts(context),
    contactHistory(context),
    changing(context, "contact.update", updateContactRequestSchema, (request) => {
      return { action: "updated", ...request };
    }),
    changing(context, "contact.add_address", addAddressRequestSchema, (request) => {
      return { action: "address_added", ...request, address: contactAddress(request.address) };
    }),
    changing(context, "contact.verify_address", verifyAddressRequestSchema, (request) => {
      return { action: "address_verified", ...request, address: contactAddress(request.address) };
    }),
    changing(context, "contact.remove_address", removeAddressRequestSchema, (request) => {
      return { action: "address_removed", ...request, address: contactAddress(request.address) };
    }),
    changing(context, "contact.rotate_address", rotateAddressRequestSchema, (request) => {
      const { from, to, reason } = request;
      const action = "address_rotated" as const;
      return { action, from: contactAddress(from), to: contactAddress(to), reason };
    }),
    changing(context, "contact.merge", mergeRequestSchema, (request) => {
      return { action: "merged", ...request };
    }),
    changing(context, "contact.unmerge", mergeRequestSchema, (request) => {
      return { action: "unmerged", ...request };
    }),
  ];
}

/**
 * Who is behind an address, as `contact:<id>`: a new contact when nobody is. Its id follows from the address, so that two
 * who ask at once get one.
 * @throws {AnywireError} `bad_request` when it is no address
 */
export async function contactBehind(
  context: MessagingContext,
  caller: Caller,
  given: string,
): Promise<string> {
  const { platform } = caller.principal;
  const address = contactAddress(given);
  const owner = await context.get(addressKey(platform, address));
  if (owner !== undefined) return `contact:${owner}`;
  const derived = await stableId(["contact", platform, address]);
  const isTaken = (await context.get(contactKey(channelOf(platform, derived)))) !== undefined;
  // The contact that had it first has it no more.
  const id = isTaken ? createEntryId() : derived;
  await context.access.assertMay(caller.principal, "manage", channelOf(platform, id));
  await context.record(caller, {
    channel: channelOf(platform, id),
    kind: "contact",
    id: "created",
    data: { action: "created", addresses: [address], name: null, meta: {} },
  });
  return `contact:${id}`;
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
        addresses: addresses.map(contactAddress),
        ...given,
      } as const;
      await context.record(caller, { channel, kind: "contact", data });
      return { answer: await contactOf(context, channel), isNew: true };
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
        const owner = await context.get(addressKey(platform, contactAddress(address)));
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

function contactHistory(context: MessagingContext): AnyOperation {
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
  toEntry: (request: z.output<S>) => ContactEntry,
): AnyOperation {
  const operation: AnyOperation = {
    name,
    request: schema.extend(contactRequestSchema.shape),
    answer: contactSchema,
    async run(caller, { id, ...request }) {
      const channel = channelOf(caller.principal.platform, id);
      await context.access.assertMay(caller.principal, "manage", channel);
      const data = toEntry(request as z.output<S>);
      context.pipeline.assertFits(data);
      await context.record(caller, { channel, kind: "contact", data });
      return done(await contactOf(context, channel));
    },
  };
  return operation;
}

/** The canonical form of an address that a contact can have. */
function contactAddress(given: string): string {
  if (accountIdOf(given) === undefined && !given.startsWith("contact:")) {
    return canonicalAddress(given);
  }
  throw new AnywireError("bad_request", `${given} is no address of a contact, but somebody's id`);
}

async function contactOf(context: MessagingContext, channel: string): Promise<Contact> {
  const contact = await context.get(contactKey(channel));
  if (contact !== undefined) return contact;
  throw notFound(`there is no contact ${channel.slice(channel.lastIndexOf(".") + 1)}`);
}

function channelOf(platform: string, id: string): string {
  return formatChannelName({ platform, type: "contact", id });
}
