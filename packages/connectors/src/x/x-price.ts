import type { Price } from "@anywire/types";

/** What X asks for, when that was looked up, and where. Events that come in are paid for, too. */
export const X_PRICES: {
  readonly source: string;
  readonly asOf: string;
  readonly messageSent: Price;
  readonly messageReceived: Price;
} = {
  source: "https://docs.x.com/x-api/getting-started/pricing",
  asOf: "2026-11",
  messageSent: { amount: 0.015, currency: "USD" },
  messageReceived: { amount: 0.01, currency: "USD" },
};
