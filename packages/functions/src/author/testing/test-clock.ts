import { AnywireError } from "@anywire/types";

/** A moment: milliseconds since the Unix epoch, a date, or what `new Date` takes, such as `2026-07-01T22:30:00Z`. */
export type Moment = number | string | Date;

/** A clock that stands where it was put. */
export class TestClock {
  #now: number;

  constructor(at: Moment = Date.now()) {
    this.#now = toMs(at);
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    return this.#now;
  }

  /** Puts it there, back too. */
  set(at: Moment): void {
    this.#now = toMs(at);
  }
}

function toMs(at: Moment): number {
  const ms = typeof at === "number" ? at : new Date(at).getTime();
  if (Number.isFinite(ms)) return ms;
  throw new AnywireError(
    "bad_request",
    `${String(at)} is no moment; give milliseconds, a Date, or a text such as 2026-07-01T22:30:00Z`,
  );
}
