import { createHash } from "node:crypto";
import { z } from "zod";
import { type ConnectionContext, secretOf } from "../contract/context.ts";
import type { Rejected, Unknown } from "../contract/send.ts";
import { callSlack } from "./slack-api.ts";
import type { SlackSettings } from "./slack-settings.ts";

/** Where a message goes. */
export type Place =
  | { readonly isOpen: true; readonly channel: string }
  | { readonly isOpen: false; readonly failure: Rejected | Unknown };

const ADDRESS = /^slack:([UWCGD][A-Z0-9]{2,30})$/;
const MAX_KNOWN = 10_000;

/** A bot's conversations with persons, by bot and person: they stay the same, and Slack lets one ask for few in a minute. */
const known = new Map<string, string>();

const openSchema = z.object({ channel: z.object({ id: z.string().min(1) }) });

/** The conversation behind an address; one with a person is opened when it is first needed. */
export async function placeOf(
  address: string,
  context: ConnectionContext<SlackSettings>,
  signal: AbortSignal,
): Promise<Place> {
  const id = ADDRESS.exec(address)?.[1];
  if (id === undefined) {
    const reason =
      "Slack knows people and channels by their ids, such as slack:U0123ABCD; a profile has it under Copy member ID";
    return {
      isOpen: false,
      failure: { outcome: "rejected", class: "invalid_recipient", reason },
    };
  }
  if (!/^[UW]/.test(id)) return { isOpen: true, channel: id };
  const bot = createHash("sha256").update(secretOf(context, "botToken")).digest("base64");
  const key = `${context.settings.baseUrl} ${bot} ${id}`;
  const channel = known.get(key);
  if (channel !== undefined) return { isOpen: true, channel };
  return await open(id, key, context, signal);
}

async function open(
  user: string,
  key: string,
  context: ConnectionContext<SlackSettings>,
  signal: AbortSignal,
): Promise<Place> {
  const answer = await callSlack(context, "conversations.open", { users: user }, signal);
  const opened = openSchema.safeParse(answer.isOk ? answer.result : undefined);
  if (answer.isOk && opened.success) {
    const { id } = opened.data.channel;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, id);
    return { isOpen: true, channel: id };
  }
  const failure = answer.isOk ? undefined : answer.failure;
  if (failure?.outcome === "rejected") return { isOpen: false, failure };
  // Nothing of the message was sent yet, so trying again is safe.
  const reason = `the conversation could not be opened: ${failure?.reason ?? "Slack did not say which it is"}`;
  return { isOpen: false, failure: { outcome: "rejected", class: "network", reason } };
}
