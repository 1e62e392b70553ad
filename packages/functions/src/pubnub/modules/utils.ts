import { badArgument } from "../unsupported.ts";

/**
 * `utils` of PubNub.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/utils
 */
export const utils = {
  /** A whole number from `min` up to, but not, `max`. */
  randomInt(min: number, max: number): number {
    const from = Math.ceil(min);
    const to = Math.floor(max);
    if (!(from < to)) {
      throw badArgument("utils.randomInt", `there is no whole number from ${min} to below ${max}`);
    }
    return from + Math.floor(Math.random() * (to - from));
  },
  /** A number from 0 up to, but not, 1. */
  random: (): number => Math.random(),
  /** Whether it is a number, or a text that says one. */
  isNumeric(value: unknown): boolean {
    if (typeof value === "number") return Number.isFinite(value);
    return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  },
};
