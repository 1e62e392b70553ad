import { z } from "zod";
import { json, type NetworkAnswer } from "../simulator/index.ts";
import { BSUID } from "./whatsapp-address.ts";
import { whatsappError } from "./whatsapp-errors.ts";

/** Meta's errors as it answers them. */
export function metaRefusal(
  code: number,
  status: number,
  headers?: Record<string, string>,
): NetworkAnswer {
  const details = whatsappError(code).reason;
  const error = {
    message: `(#${code}) ${details}`,
    type: "OAuthException",
    code,
    error_data: { messaging_product: "whatsapp", details },
    fbtrace_id: "Simulator",
  };
  const answer = json({ error }, status);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

const where = { id: z.string().optional(), link: z.url().optional() };
const media = z
  .looseObject({
    ...where,
    caption: z.string().max(1024).optional(),
    filename: z.string().optional(),
  })
  .refine(({ id, link }) => (id === undefined) !== (link === undefined));

const common = {
  messaging_product: z.literal("whatsapp"),
  recipient_type: z.literal("individual").default("individual"),
  to: z.string().min(1).optional(),
  recipient: z.string().regex(BSUID).optional(),
  context: z.looseObject({ message_id: z.string().min(1) }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
};

const textParameter = z.looseObject({ type: z.literal("text"), text: z.string().min(1) });

/** What a message has to look like. */
const messageSchema = z.discriminatedUnion("type", [
  z.looseObject({
    ...common,
    type: z.literal("text"),
    text: z.looseObject({ body: z.string().min(1).max(4096) }),
  }),
  z.looseObject({ ...common, type: z.literal("image"), image: media }),
  z.looseObject({ ...common, type: z.literal("audio"), audio: media }),
  z.looseObject({ ...common, type: z.literal("video"), video: media }),
  z.looseObject({ ...common, type: z.literal("document"), document: media }),
  z.looseObject({
    ...common,
    type: z.literal("location"),
    location: z.looseObject({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().optional(),
    }),
  }),
  z.looseObject({
    ...common,
    type: z.literal("reaction"),
    reaction: z.looseObject({ message_id: z.string().min(1), emoji: z.string() }),
  }),
  z.looseObject({
    ...common,
    type: z.literal("template"),
    template: z.looseObject({
      name: z.string().regex(/^[a-z0-9_]{1,512}$/),
      language: z.looseObject({ code: z.string().regex(/^[a-z]{2,3}(?:_[A-Z]{2})?$/) }),
      components: z
        .array(
          z.looseObject({
            type: z.enum(["header", "body", "button"]),
            parameters: z.array(textParameter),
          }),
        )
        .optional(),
    }),
  }),
]);

/** A message that Meta takes. */
export type TakenMessage = z.infer<typeof messageSchema>;

const readSchema = z.looseObject({
  messaging_product: z.literal("whatsapp"),
  status: z.literal("read"),
  message_id: z.string().min(1),
  typing_indicator: z.looseObject({ type: z.literal("text") }).optional(),
});

/** What a body asks for; the code of an error when it is nothing that Meta takes. */
export function readRequest(
  body: unknown,
):
  | { readonly message: TakenMessage }
  | { readonly readId: string; readonly isTyping: boolean }
  | number {
  const read = readSchema.safeParse(body);
  if (read.success) {
    return { readId: read.data.message_id, isTyping: read.data.typing_indicator !== undefined };
  }
  const message = messageSchema.safeParse(body);
  if (!message.success) return isTemplate(body) ? 132001 : 100;
  const { to, recipient } = message.data;
  if (to === undefined && recipient === undefined) return 131008;
  return { message: message.data };
}

function isTemplate(body: unknown): boolean {
  return z.looseObject({ type: z.literal("template") }).safeParse(body).success;
}

/** What a person reads of a message. */
export function textOf(message: TakenMessage): string {
  switch (message.type) {
    case "text":
      return message.text.body;
    case "location":
      return message.location.name ?? `${message.location.latitude}, ${message.location.longitude}`;
    case "template": {
      const { name, components = [] } = message.template;
      const values = components.flatMap(({ parameters }) => parameters.map(({ text }) => text));
      return values.length === 0 ? name : `${name}: ${values.join(", ")}`;
    }
    case "reaction":
      return "";
    default:
      return mediaOf(message)?.caption ?? "";
  }
}

/** The media of a message; undefined when it has none. */
export function mediaOf(message: TakenMessage): z.infer<typeof media> | undefined {
  switch (message.type) {
    case "image":
      return message.image;
    case "audio":
      return message.audio;
    case "video":
      return message.video;
    case "document":
      return message.document;
    default:
      return undefined;
  }
}
