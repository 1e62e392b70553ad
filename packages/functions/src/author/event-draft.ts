import { addressSchema, entryIdSchema, isChannelName, isSegment } from "@anywire/types";
import { z } from "zod";
import { describeIssues } from "./describe-issues.ts";
import type { FunctionMessage, PublishKind } from "./events.ts";
import { refused } from "./refuse-event.ts";
import type { Trigger } from "./trigger.ts";

/** What every event can be given. */
interface AnyDraft {
  readonly trace?: { readonly id: string; readonly via: readonly string[] } | undefined;
  /** Default 1. */
  readonly attempt?: number | undefined;
}

/** Of an event on a channel. The parts of its name need not be given. */
interface ChannelDraft extends AnyDraft {
  /** Default one that the function's pattern matches, such as `production.sms.1` for `*.sms.*`. */
  readonly channel?: string | undefined;
  readonly platform?: string | undefined;
  readonly channelType?: string | undefined;
  readonly channelId?: string | undefined;
}

/** Of a message, an edit or other JSON that is published. */
export interface PublishDraft extends ChannelDraft {
  /** Default what fits the rest: `data` where there are data, `edit` where there is a target, otherwise a message. */
  readonly kind?: PublishKind | undefined;
  readonly id?: string | undefined;
  /** Of an edit. */
  readonly target?: string | undefined;
  /** Default `account:bob`. */
  readonly sender?: string | undefined;
  /** A text alone is a message of that text. */
  readonly message?: string | Partial<FunctionMessage> | undefined;
  readonly data?: unknown;
}

/** Of what is stored. */
export interface StoredDraft extends PublishDraft {
  /** Default 1. */
  readonly offset?: number | undefined;
  /** Default now. */
  readonly at?: number | undefined;
  readonly timetoken?: string | undefined;
}

/** Of a signal. */
export interface SignalDraft extends ChannelDraft {
  /** Default `typing`. */
  readonly kind?: string | undefined;
  /** Default `bob`. */
  readonly accountId?: string | undefined;
  readonly client?: string | undefined;
  /** Default null. */
  readonly data?: unknown;
}

/** Of a join or leave. */
export interface PresenceDraft extends ChannelDraft {
  /** Default `join`. */
  readonly action?: "join" | "leave" | undefined;
  /** Default `bob`. */
  readonly accountId?: string | undefined;
  readonly client?: string | undefined;
}

/** Of an HTTP request. */
export interface RequestDraft extends AnyDraft {
  /** Default the function's own, or for any `GET`, `POST` with a body. */
  readonly method?: string | undefined;
  /** Such as `/tickets/7?full=1`. Default the function's own, with `params`, or 1 in the place of a name. */
  readonly path?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** The whole address, in place of `path`. */
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A text or bytes as they are, anything else as JSON. */
  readonly body?: unknown;
  /** Default `bob`, or null where the function asks for no token. */
  readonly accountId?: string | null | undefined;
  readonly clientAddress?: string | undefined;
}

/** Of a moment. */
export interface ScheduleDraft extends AnyDraft {
  /** Default now. */
  readonly scheduledAt?: number | undefined;
}

/** An event with whatever of it matters, by trigger: the rest gets values that fit. */
export interface EventDrafts {
  beforePublish: PublishDraft;
  beforeSignal: SignalDraft;
  afterPublish: StoredDraft;
  afterSignal: SignalDraft;
  afterPresence: PresenceDraft;
  onRequest: RequestDraft;
  onInterval: ScheduleDraft;
  onCron: ScheduleDraft;
}

const count = z.int().min(0);
const segment = z.string().refine(isSegment, "must be 1 to 64 letters, digits, _ or -");
const text = z.string().min(1).max(8_192);
const texts = z.record(z.string(), z.string());

const any = {
  trace: z.strictObject({ id: entryIdSchema, via: z.array(z.string()) }).optional(),
  attempt: z.int().min(1).optional(),
};
const onChannel = {
  ...any,
  channel: z
    .string()
    .refine(isChannelName, "must be a channel's name, such as production.group.lobby")
    .optional(),
  platform: segment.optional(),
  channelType: segment.optional(),
  channelId: segment.optional(),
};
const publish = {
  ...onChannel,
  kind: z.enum(["message", "edit", "data"]).optional(),
  id: entryIdSchema.optional(),
  target: entryIdSchema.optional(),
  sender: addressSchema.optional(),
  message: z.unknown().optional(),
  data: z.unknown().optional(),
};
const stored = {
  ...publish,
  offset: count.optional(),
  at: count.optional(),
  timetoken: z
    .string()
    .regex(/^\d{17}$/, "must be 17 digits")
    .optional(),
};
const signal = {
  ...onChannel,
  kind: text.optional(),
  accountId: segment.optional(),
  client: text.optional(),
  data: z.unknown().optional(),
};
const presence = {
  ...onChannel,
  action: z.enum(["join", "leave"]).optional(),
  accountId: segment.optional(),
  client: text.optional(),
};
const request = {
  ...any,
  method: text.optional(),
  path: text.startsWith("/", "must begin with a slash").optional(),
  params: texts.optional(),
  url: z.url().optional(),
  headers: texts.optional(),
  body: z.unknown().optional(),
  accountId: segment.nullable().optional(),
  clientAddress: text.optional(),
};
const schedule = { ...any, scheduledAt: count.optional() };

const SCHEMAS: { readonly [K in Trigger]: z.ZodType } = {
  beforePublish: z.strictObject(publish),
  beforeSignal: z.strictObject(signal),
  afterPublish: z.strictObject(stored),
  afterSignal: z.strictObject(signal),
  afterPresence: z.strictObject(presence),
  onRequest: z.strictObject(request),
  onInterval: z.strictObject(schedule),
  onCron: z.strictObject(schedule),
};

/**
 * Lets a draft of an event pass, as a copy.
 * @throws {AnywireError} `bad_request` that says what is wrong with which field.
 */
export function checkEventDraft<K extends Trigger>(trigger: K, draft: unknown): EventDrafts[K] {
  const parsed = SCHEMAS[trigger].safeParse(draft);
  if (parsed.success) return parsed.data as EventDrafts[K];
  throw refused(describeIssues(parsed.error));
}
