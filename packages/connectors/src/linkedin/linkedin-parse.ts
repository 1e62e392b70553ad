import { z } from "zod";
import type { InboundEvent, InboundSender } from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { jsonBody } from "../wire/json-body.ts";
import { personIdOf } from "./linkedin-settings.ts";
import { isThread, messageName } from "./message-name.ts";

const id = z.string().regex(/^[^\s/]{1,200}$/);
const time = z.int().min(0).max(8_640_000_000_000_000);

/** @see https://learn.microsoft.com/en-us/linkedin/shared/references/v2/message-schema */
const activitySchema = z.object({
  id: id.optional(),
  author: z.string(),
  createdAt: time,
  thread: z.string().optional(),
  content: z
    .object({ content: z.string().nullish(), fallback: z.string().default("") })
    .default({ fallback: "" }),
  attachments: z.array(z.unknown()).default([]),
});

const nameSchema = z.object({
  localizedFirstName: z.string().default(""),
  localizedLastName: z.string().default(""),
});

/** @see https://learn.microsoft.com/en-us/linkedin/compliance/integrations/compliance-events/resource-references/messages */
const eventSchema = z.object({
  owner: z.string().min(1).max(300),
  actor: z.string().optional(),
  resourceName: z.literal("messages"),
  resourceId: id,
  method: z.enum(["CREATE", "UPDATE", "DELETE"]),
  activity: activitySchema,
  processedActivity: z.object({ "author~": nameSchema.optional() }).optional(),
});

type MessageEvent = z.infer<typeof eventSchema>;

const notificationSchema = z.object({
  notificationId: z.union([z.string(), z.int()]).optional(),
  elements: z.array(z.looseObject({ resourceName: z.string() })).max(1000),
});

/** What a notification tells. @throws {Error} when it is none */
export function parseLinkedin(request: WebhookRequest, now: number): readonly InboundEvent[] {
  const { elements } = notificationSchema.parse(jsonBody(request.body));
  return elements.map((element) => {
    if (element.resourceName !== "messages") {
      return { type: "ignored", at: now, what: "an event about something else than messages" };
    }
    return eventOf(eventSchema.parse(element), now);
  });
}

function eventOf(
  { owner, actor, method, resourceId, ...event }: MessageEvent,
  now: number,
): InboundEvent {
  const { activity } = event;
  const { author, createdAt, thread } = activity;
  const at = Math.min(createdAt, now);
  const person = personIdOf(actor ?? author);
  if (person === undefined) return { type: "ignored", at, what: "a message from no person" };
  if (person === personIdOf(owner)) return { type: "ignored", at, what: "a message of our own" };
  const sender = senderOf(person, event);
  const known = thread !== undefined && isThread(thread) ? thread : undefined;
  const externalId = messageName(activity.id ?? resourceId, known);
  if (method === "DELETE") return { type: "delete", at, externalId, sender };
  const text = textOf(activity);
  if (method === "UPDATE") return { type: "edit", at, externalId, sender, text };
  if (text === "") return { type: "ignored", at, what: "a message without anything to read" };
  return {
    type: "message",
    at,
    externalId,
    sender,
    receiver: owner,
    text,
    ...(activity.attachments.length === 0
      ? {}
      : { meta: { attachmentsLeftOut: activity.attachments.length } }),
  };
}

function senderOf(
  person: string,
  { processedActivity }: Pick<MessageEvent, "processedActivity">,
): InboundSender {
  const { localizedFirstName = "", localizedLastName = "" } = processedActivity?.["author~"] ?? {};
  const name = `${localizedFirstName} ${localizedLastName}`.trim().slice(0, 200);
  return { addresses: [`linkedin:${person}`], ...(name === "" ? {} : { name }) };
}

/** Plain text has only the fallback. What people attached can be seen at LinkedIn alone. */
function textOf({ content: { content, fallback }, attachments }: MessageEvent["activity"]): string {
  const text = content ?? fallback;
  if (text !== "" || attachments.length === 0) return text;
  return attachments.length === 1 ? "(an attachment)" : `(${attachments.length} attachments)`;
}
