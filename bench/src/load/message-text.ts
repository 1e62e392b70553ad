/** Opens every message of the load and stands nowhere else in what a peer sends: counting it is counting messages. */
export const MARKER = "~";

const LENGTH = 100;
const DIGITS = 8;
const NUMBERS = /~(\d{8})/g;

/** The text of a message: 100 characters, the same length for every number. */
export function messageText(number: number): string {
  return `${MARKER}${String(number).padStart(DIGITS, "0")} `.padEnd(LENGTH, "lorem ipsum ");
}

/** The numbers of the messages in what a server sent, in order. */
export function messageNumbers(received: string): number[] {
  return Array.from(received.matchAll(NUMBERS), ([, digits]) => Number(digits));
}
