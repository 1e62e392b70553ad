import {
  AnywireError,
  accountAddress,
  createEntryId,
  type EntryKind,
  type EntryTrace,
  isEntryId,
  MAX_TRACE_NAMES,
  messageSchema,
} from "@anywire/types";
import type { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import type { Appended, EntryDraft, Log } from "../ports/log.ts";
import type { Presence, PresenceMember } from "../ports/presence.ts";
import { isDeeperThan } from "./json-depth.ts";

/** Something to store on a channel. */
export interface PublishRequest {
  readonly channel: string;
  /** The sender's own id; made here when absent, and then sending again is sending twice. */
  readonly id?: string;
  readonly kind: EntryKind;
  /** JSON; for kind `message` a checked `Message`. */
  readonly data: unknown;
  /** The connection it came through. */
  readonly client?: string;
  /** Address in whose name it is said. Default the principal's account. Never what a client asked for. */
  readonly sender?: string;
  /** What led to it. */
  readonly trace?: EntryTrace;
}

/** Something live to tell a channel. */
export interface SignalRequest {
  readonly channel: string;
  readonly client: string;
  /** What it is, such as `typing`. */
  readonly kind: string;
  readonly data: unknown;
  /** What led to it. */
  readonly trace?: EntryTrace;
}

/** Something live on its way to a channel. */
export interface SignalDraft {
  readonly channel: string;
  readonly member: PresenceMember;
  readonly kind: string;
  readonly dataJson: string;
  readonly trace?: EntryTrace;
}

/** Looks at a signal before it is told: gives it back, changed or not, or throws to refuse it. */
export type BeforeSignal = (
  draft: SignalDraft,
  principal: Principal,
) => Promise<SignalDraft> | SignalDraft;

/** Told of a signal that was told; the sender is answered once it resolves. */
export type AfterSignal = (draft: SignalDraft) => Promise<void> | void;

/** Looks at an entry before it is stored: gives it back, changed or not, or throws to refuse it. */
export type BeforePublish = (
  draft: EntryDraft,
  principal: Principal,
) => Promise<EntryDraft> | EntryDraft;

/** What the pipeline needs. */
export interface PipelineOptions {
  readonly access: Access;
  readonly log: Pick<Log, "append">;
  readonly presence: Presence;
  /** The largest `data`, bytes of JSON in UTF-8. */
  readonly maxMessageBytes: number;
  /** The deepest nesting of arrays and objects in `data`. */
  readonly maxDepth: number;
  /** Run in order before each append. */
  readonly beforePublish?: readonly BeforePublish[];
  /** Run in order before each signal. */
  readonly beforeSignal?: readonly BeforeSignal[];
  readonly afterSignal?: AfterSignal;
}

/** The one way of everything that is written: authorise, before, append. The log's tail then fans it out. */
export interface Pipeline {
  /**
   * Stores an entry; resolves when it is durable.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`, `too_large`, `bad_request`, `limit_exceeded` when too much
   * led to it, and what the steps and the log throw.
   */
  publish(principal: Principal, request: PublishRequest): Promise<Appended>;
  /**
   * Tells a channel something live; nothing is stored.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`, `too_large`, `limit_exceeded` when too much led to it, and
   * what the steps throw.
   */
  signal(principal: Principal, request: SignalRequest): Promise<void>;
  /**
   * Runs what runs before an append on an entry of another way, such as an edit, and gives it back as it shall be stored.
   * @throws {AnywireError} what those steps throw.
   */
  review(principal: Principal, draft: EntryDraft): Promise<EntryDraft>;
  /**
   * Lets data pass that an entry may hold.
   * @throws {AnywireError} `too_large`, `bad_request`.
   */
  assertFits(data: unknown): void;
}

/** Puts the pipeline together. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { access, log, presence, maxMessageBytes, maxDepth } = options;
  const { beforePublish = [], beforeSignal = [], afterSignal } = options;

  const publish = async (principal: Principal, request: PublishRequest): Promise<Appended> => {
    await access.assertMay(principal, "publish", request.channel);
    const draft = draftOf(principal, request, toJson(request.data, maxMessageBytes, maxDepth));
    if (beforePublish.length === 0) return log.append(draft);
    return log.append(await runSteps(beforePublish, draft, principal));
  };

  return {
    publish,
    review: async (principal, draft) => await runSteps(beforePublish, draft, principal),
    assertFits(data) {
      toJson(data, maxMessageBytes, maxDepth);
    },
    async signal(principal, { channel, client, kind, data, trace }) {
      await access.assertMay(principal, "publish", channel);
      assertBounded(trace);
      const dataJson = toJson(data, maxMessageBytes, maxDepth);
      const member = { client, user: principal.accountId };
      const asked: SignalDraft = { channel, member, kind, dataJson, ...(trace && { trace }) };
      const draft =
        beforeSignal.length === 0 ? asked : await runSteps(beforeSignal, asked, principal);
      await presence.signal({
        type: "signal",
        channel: draft.channel,
        member: draft.member,
        kind: draft.kind,
        dataJson: draft.dataJson,
      });
      await afterSignal?.(draft);
    },
  };
}

/**
 * The kind that published JSON is stored as: `message` when it is one, otherwise `data`, as it came.
 * Published data is never refused for its shape; what should be refused when it is no message is sent as one.
 */
export function kindOf(data: unknown): "message" | "data" {
  const mayBeMessage =
    typeof data === "object" && data !== null && ("text" in data || "parts" in data);
  return mayBeMessage && messageSchema.safeParse(data).success ? "message" : "data";
}

async function runSteps<D>(
  steps: readonly ((draft: D, principal: Principal) => Promise<D> | D)[],
  draft: D,
  principal: Principal,
): Promise<D> {
  let current = draft;
  for (const step of steps) current = await step(current, principal);
  return current;
}

function draftOf(principal: Principal, request: PublishRequest, dataJson: string): EntryDraft {
  const { channel, id = createEntryId(), kind, client, trace } = request;
  if (!isEntryId(id)) {
    throw new AnywireError("bad_request", "an entry's id must be 1 to 64 letters, digits, _ or -");
  }
  assertBounded(trace);
  const { sender = accountAddress(principal.accountId) } = request;
  return {
    channel,
    id,
    kind,
    sender,
    dataJson,
    ...(client === undefined ? {} : { client }),
    ...(trace === undefined ? {} : { trace }),
  };
}

/** Whoever makes loops ends them long before; this bounds what is stored with an entry. */
function assertBounded(trace: EntryTrace | undefined): void {
  if (trace === undefined || trace.via.length <= MAX_TRACE_NAMES) return;
  throw new AnywireError(
    "limit_exceeded",
    `more than ${MAX_TRACE_NAMES} functions led to this, one after the other; the last ones are ${trace.via.slice(-4).join(", ")}`,
  );
}

function toJson(data: unknown, maxBytes: number, maxDepth: number): string {
  if (data === undefined) {
    throw new AnywireError("bad_request", "data is missing; publish any JSON value");
  }
  if (isDeeperThan(data, maxDepth)) {
    throw new AnywireError("too_large", `data is nested deeper than ${maxDepth}; flatten it`, {
      details: { maxDepth },
    });
  }
  const json = JSON.stringify(data);
  if (json.length * 3 > maxBytes && utf8Bytes(json) > maxBytes) {
    throw new AnywireError(
      "too_large",
      `data has more than ${maxBytes} bytes as JSON; send less, or send a link to it`,
      { details: { maxBytes } },
    );
  }
  return json;
}

const encoder = new TextEncoder();

function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}
