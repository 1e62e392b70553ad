import {
  addAddressRequestSchema,
  consentRequestSchema,
  contactHistoryQuerySchema,
  contactsQuerySchema,
  createContactRequestSchema,
  mergeRequestSchema,
  removeAddressRequestSchema,
  rotateAddressRequestSchema,
  updateContactRequestSchema,
  verifyAddressRequestSchema,
} from "@anywire/types";
import type { ModelEndpoint } from "./model-endpoint.ts";
import { EXAMPLES } from "./model-examples.ts";

const CONTACT = "/v1/contacts/{contact}";

const ofContact = ({ contact }: Readonly<Record<string, string>>): object => ({ id: contact });

/** What can be done with contacts, over HTTP. */
export const CONTACT_ENDPOINTS: readonly ModelEndpoint[] = [
  {
    method: "GET",
    path: "/v1/contacts",
    id: "listContacts",
    operation: "contact.list",
    tag: "Contacts",
    summary: "List contacts",
    description: "All of the platform by id, or the one who has an `address`.",
    query: contactsQuerySchema,
    example: { contacts: [EXAMPLES.contact] },
  },
  {
    method: "POST",
    path: "/v1/contacts",
    id: "createContact",
    operation: "contact.create",
    tag: "Contacts",
    summary: "Create a contact",
    description:
      "With its addresses, each of which belongs to nobody else. Needs a `manage` pattern that covers contacts.",
    body: {
      schema: createContactRequestSchema,
      example: { addresses: ["phone:+447700900123"], name: "Ann" },
    },
    example: EXAMPLES.contact,
    mayBeNew: true,
    errors: ["conflict", "too_large", "storage_full"],
  },
  {
    method: "GET",
    path: CONTACT,
    id: "getContact",
    operation: "contact.get",
    tag: "Contacts",
    summary: "Look at a contact",
    description: "Its addresses, and whether it is merged into another.",
    example: EXAMPLES.contact,
    toRequest: ofContact,
  },
  {
    method: "PATCH",
    path: CONTACT,
    id: "updateContact",
    operation: "contact.update",
    tag: "Contacts",
    summary: "Change a contact",
    description: "What is absent stays, `null` takes away.",
    body: { schema: updateContactRequestSchema, example: { name: "Ann" } },
    example: EXAMPLES.contact,
    errors: ["conflict", "too_large", "storage_full"],
    toRequest: ofContact,
  },
  {
    method: "GET",
    path: `${CONTACT}/history`,
    id: "getContactHistory",
    operation: "contact.history",
    tag: "Contacts",
    summary: "Read what was decided about a contact",
    description: "By whom, when, what and why, oldest first.",
    query: contactHistoryQuerySchema,
    example: { entries: [] },
    toRequest: ofContact,
  },
  {
    method: "POST",
    path: `${CONTACT}/consent`,
    id: "setConsent",
    operation: "contact.consent",
    tag: "Contacts",
    summary: "Keep whether a contact wants messages",
    description:
      "At one of its addresses, through one connection or any. The last word counts, also that of the contact, who may write STOP.",
    body: {
      schema: consentRequestSchema,
      example: { address: "phone:+447700900123", state: "out", reason: "asked by phone" },
    },
    example: EXAMPLES.consent,
    errors: ["storage_full"],
    toRequest: ofContact,
  },
  ...(
    [
      [
        "addresses",
        "add_address",
        "Add an address",
        "One that belongs to nobody else.",
        addAddressRequestSchema,
        { address: "email:ann@example.org" },
      ],
      [
        "addresses/verify",
        "verify_address",
        "Verify an address",
        "It was shown to be the contact's.",
        verifyAddressRequestSchema,
        { address: "email:ann@example.org", method: "link" },
      ],
      [
        "addresses/remove",
        "remove_address",
        "Remove an address",
        "It belongs to nobody then.",
        removeAddressRequestSchema,
        { address: "email:ann@example.org", reason: "bounces" },
      ],
      [
        "addresses/rotate",
        "rotate_address",
        "Rotate an address",
        "Another takes its place; channels stay what they are.",
        rotateAddressRequestSchema,
        { from: "phone:+447700900123", to: "phone:+447700900124", reason: "new number" },
      ],
      [
        "merge",
        "merge",
        "Merge contacts",
        "The other's addresses become this one's, which remembers where they came from.",
        mergeRequestSchema,
        { from: "k3f1", reason: "same person" },
      ],
      [
        "unmerge",
        "unmerge",
        "Undo a merge",
        "The other has its addresses back, those that are still here.",
        mergeRequestSchema,
        { from: "k3f1", reason: "two people after all" },
      ],
    ] as const
  ).map(
    ([path, name, summary, description, schema, example]): ModelEndpoint => ({
      method: "POST",
      path: `${CONTACT}/${path}`,
      id: `${name.replace(/_(\w)/, (_, letter: string) => letter.toUpperCase())}Contact`,
      operation: `contact.${name}`,
      tag: "Contacts",
      summary,
      description,
      body: { schema, example },
      example: EXAMPLES.contact,
      errors: ["conflict", "storage_full"],
      toRequest: ofContact,
    }),
  ),
];
