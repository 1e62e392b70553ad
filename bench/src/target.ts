/** A number that Anywire has to reach. */
export interface Target {
  readonly what: string;
  /** What is asked, with its unit. */
  readonly asked: string;
  /** What was measured, with its unit. */
  readonly measured: string;
  readonly isMet: boolean;
}
