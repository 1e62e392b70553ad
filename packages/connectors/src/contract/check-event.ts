import { DELIVERY_ERRORS } from "@anywire/types";
import { z } from "zod";
import type { InboundEvent } from "./inbound-event.ts";

const text = z.string("must be a text");
const optionalText = text.optional();
const number = z.custom<number>((value) => typeof value === "number", "must be a number");
const sender = z.looseObject(
  {
    addresses: z.array(text, "must be a list of addresses").min(1, "must name an address"),
    name: optionalText,
  },
  "must be an object with addresses",
);
const media = z.looseObject(
  { kind: z.enum(["image", "audio", "video", "file"], "must be a kind of media"), ref: text },
  "must be an object with kind and ref",
);
const aboutMessage = { at: number, externalId: text, sender };

/** What must be so for an event to be handled; more may be there. */
const SCHEMAS: { readonly [T in InboundEvent["type"]]: z.ZodType } = {
  message: z.looseObject({
    ...aboutMessage,
    ...{ text: optionalText, receiver: optionalText, replyTo: optionalText },
    ...{ thread: optionalText, title: optionalText },
    isSenderProven: z.boolean("must be true or false").optional(),
    media: z.array(media, "must be a list").optional(),
    references: z.array(text, "must be a list of texts").optional(),
    location: z.looseObject({ latitude: number, longitude: number }).optional(),
    meta: z.record(z.string(), z.unknown(), "must be an object").optional(),
  }),
  edit: z.looseObject({ ...aboutMessage, text, changeId: optionalText }),
  delete: z.looseObject(aboutMessage),
  reaction: z.looseObject({
    ...{ ...aboutMessage, emoji: text },
    action: z.enum(["add", "remove"], "must be add or remove"),
  }),
  receipt: z.looseObject({
    ...{ at: number, externalId: optionalText, deliveryId: optionalText },
    status: z.enum(["sent", "delivered", "read", "failed"], "must be a status of a message"),
    error: z
      .looseObject({ class: z.enum(DELIVERY_ERRORS, "must be a class of errors"), reason: text })
      .optional(),
  }),
  read: z.looseObject({ at: number, sender }),
  typing: z.looseObject({ at: number, sender }),
  identity_changed: z.looseObject({ at: number, from: text, to: text }),
  consent: z.looseObject({
    ...{ at: number, sender, reason: text },
    state: z.enum(["in", "out"], "must be in or out"),
  }),
  ignored: z.looseObject({}),
};

/**
 * What is wrong with an event that `parse` gave, in words; undefined when it can be handled. One of a kind that is not known is
 * nobody's mistake.
 */
export function eventProblem(event: unknown): string | undefined {
  const type = typeof event === "object" && event !== null && "type" in event && event.type;
  if (typeof type !== "string") return "it has no type";
  if (!Object.hasOwn(SCHEMAS, type)) return undefined;
  const { error } = SCHEMAS[type as InboundEvent["type"]].safeParse(event);
  const [issue] = error?.issues ?? [];
  return issue && `${type}: ${issue.path.join(".")} ${issue.message}`;
}
