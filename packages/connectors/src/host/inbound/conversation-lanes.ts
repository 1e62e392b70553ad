import type { InboundEvent } from "../../contract/inbound-event.ts";
import { MAX_REFERENCES } from "./find-place.ts";

/** Names what is about everybody: who is who changes within it. */
const EVERYBODY = "everybody";

/** One attempt at a request: what of it gets stuck holds back what comes after it. */
export class Hold {
  /** Of the request in the log. */
  readonly place: number;
  /** Whether the request is tried again, or given up. */
  isOver = false;

  constructor(place: number) {
    this.place = place;
  }

  holds(other: Hold): boolean {
    return !this.isOver && this.place <= other.place;
  }
}

/** How an event's turn ended. */
interface Turn {
  readonly isRun: boolean;
  /** What holds back those behind it. */
  readonly holds: readonly Hold[];
}

/**
 * Order among what comes in through one connection: events about one person or one message go one behind the other, in the order
 * in which they enter; conversations beside each other. What got stuck holds back what comes after it, so that nothing overtakes
 * it, and only that.
 */
export class ConversationLanes {
  /** The last event that entered, by what it is about. */
  readonly #last = new Map<string, Promise<Turn>>();
  /** What is stuck or held back, by what it is about. */
  readonly #stuck = new Map<string, readonly Hold[]>();

  get isEmpty(): boolean {
    return this.#last.size + this.#stuck.size === 0;
  }

  /**
   * Runs what handles an event when it is its turn; false when it was not run, since something before it is stuck.
   * @param handle resolves with false when it is stuck there; never rejects
   */
  async enter(event: InboundEvent, own: Hold, handle: () => Promise<boolean>): Promise<boolean> {
    const topics = topicsOf(event);
    const isAboutAll = topics.includes(EVERYBODY);
    const related = [...(isAboutAll ? this.#stuck.keys() : [EVERYBODY, ...topics])];
    const holds = related.flatMap((topic) => this.#stuck.get(topic) ?? []);
    const waitsFor = [...(isAboutAll ? this.#last.keys() : [EVERYBODY, ...topics])];
    const before = waitsFor.flatMap((topic) => this.#last.get(topic) ?? []);
    const turn = this.#take(topics, { own, holds, before, handle });
    if (isAboutAll) this.#last.clear();
    for (const topic of topics) this.#last.set(topic, turn);
    const { isRun } = await turn;
    for (const topic of topics) if (this.#last.get(topic) === turn) this.#last.delete(topic);
    return isRun;
  }

  /** Nobody knows what a request is about that can't be read for now: all that comes after it is held back. */
  holdAll(own: Hold): void {
    this.#hold([EVERYBODY], own);
  }

  /** What was stuck up to a place is tried again, or given up. */
  release(place: number): void {
    for (const [topic, holds] of this.#stuck) {
      for (const hold of holds) if (hold.place <= place) hold.isOver = true;
      const left = holds.filter(({ isOver }) => !isOver);
      if (left.length === 0) this.#stuck.delete(topic);
      else this.#stuck.set(topic, left);
    }
  }

  async #take(topics: readonly string[], { own, holds, before, handle }: Entering): Promise<Turn> {
    let isHeld = holds.some((hold) => hold.holds(own));
    const passedOn = await Promise.all(
      before.map(async (one) => {
        const turn = await one;
        // Looked at now: while the others are waited for, what is stuck may be tried again, behind this one.
        if (turn.holds.some((hold) => hold.holds(own))) isHeld = true;
        return turn.holds;
      }),
    );
    const isDone = !isHeld && (await handle());
    if (!isDone) this.#hold(topics, own);
    // Also of what is stuck further on in the log, since this one may be tried again and stand between.
    const live = new Set(passedOn.flat().filter(({ isOver }) => !isOver));
    return { isRun: !isHeld, holds: isDone ? [...live] : [...live.add(own)] };
  }

  #hold(topics: readonly string[], own: Hold): void {
    for (const topic of topics) this.#stuck.set(topic, [...(this.#stuck.get(topic) ?? []), own]);
  }
}

interface Entering {
  readonly own: Hold;
  /** What is stuck already. */
  readonly holds: readonly Hold[];
  readonly before: readonly Promise<Turn>[];
  handle(): Promise<boolean>;
}

function topicsOf(event: InboundEvent): readonly string[] {
  if (event.type === "identity_changed") return [EVERYBODY];
  if (event.type === "receipt") return [`receipt ${event.deliveryId ?? event.externalId ?? ""}`];
  const people = "sender" in event ? event.sender.addresses : [];
  return [...people, ...messagesOf(event).map((id) => `message ${id}`)];
}

/** The messages that an event is about: what one answers, by whomever, decides where it belongs. */
function messagesOf(event: InboundEvent): readonly string[] {
  if (event.type !== "message") return "externalId" in event ? [event.externalId ?? ""] : [];
  const { externalId, replyTo, references = [] } = event;
  const answered = replyTo === undefined ? references : [replyTo, ...references];
  return [externalId, ...answered.slice(0, MAX_REFERENCES)];
}
