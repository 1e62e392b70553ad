import type { TimelineMessage } from "@anywire/client/timeline";
import type { ChannelAbilities, MessageDelivery } from "@anywire/types";
import type { Outside } from "./use-abilities.ts";

/** What can be done with a message that has an effect. */
export interface MessageChoices {
  /** Reactions to offer. */
  readonly reactions: readonly string[];
  readonly mayReply: boolean;
  readonly mayEdit: boolean;
  /** Whether deleting takes it back from everyone, or leaves it with those outside. */
  readonly deletes: "for everyone" | "on your side" | undefined;
}

type ChosenMessage = Pick<TimelineMessage, "at" | "data"> & {
  readonly deliveries?: readonly Pick<MessageDelivery, "status">[] | undefined;
};

/** What decides what can be done with a message. */
export interface ChoiceFacts {
  /** Undefined for one that is not stored, or not any more. */
  readonly message: ChosenMessage | undefined;
  readonly isOwn: boolean;
  readonly outside: Outside;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

const REACTIONS = ["👍", "❤️", "😂", "😁"];
const MAX_REACTIONS = 3;

/** What is gone for good, and what besides has not left yet: it says what it says then. */
const NEVER_LEFT: ReadonlySet<string> = new Set(["failed", "canceled"]);
const NOT_LEFT: ReadonlySet<string> = new Set([...NEVER_LEFT, "queued"]);

/**
 * What can be done with a message. Where it went out over a network, changes are offered that the people there see; what never
 * left can still be changed, since it may be sent again.
 */
export function choicesOf(facts: ChoiceFacts): MessageChoices {
  const { message, isOwn, outside } = facts;
  const mayEdit = outside === null || reaches(facts, "edit") || isAll(facts, NEVER_LEFT);
  const isTakenBack = outside === null || reaches(facts, "delete") || isAll(facts, NOT_LEFT);
  return {
    reactions: REACTIONS.filter((emoji) => mayReact(outside, emoji)).slice(0, MAX_REACTIONS),
    mayReply: outside === null || outside?.reply === true,
    mayEdit: isOwn && message?.data?.text !== undefined && mayEdit,
    deletes: isOwn ? (isTakenBack ? "for everyone" : "on your side") : undefined,
  };
}

/** Whether those outside see this reaction, where there are any. */
export function mayReact(outside: Outside, emoji: string): boolean {
  if (outside === null || outside?.reactions === "any") return true;
  return outside?.reactions.some((one) => plain(one) === plain(emoji)) === true;
}

function reaches({ outside, message, now }: ChoiceFacts, change: "edit" | "delete"): boolean {
  const ability: ChannelAbilities["edit"] = outside?.[change] ?? null;
  return (
    ability !== null && (ability.maxAgeMs === null || now - (message?.at ?? 0) < ability.maxAgeMs)
  );
}

function isAll({ message }: ChoiceFacts, statuses: ReadonlySet<string>): boolean {
  const { deliveries = [] } = message ?? {};
  return deliveries.length > 0 && deliveries.every(({ status }) => statuses.has(status));
}

/** Some write a heart with the mark that it is a picture, others without. */
function plain(emoji: string): string {
  return emoji.replace(/\uFE0F$/, "");
}
