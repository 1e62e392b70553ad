import { useState } from "react";
import { inAddress, useAddress } from "../app/address.ts";

const NAME = "channel";

/** The channel that the page's address names. */
export function channelInAddress(): string | undefined {
  return inAddress(NAME);
}

/**
 * Which channel is open, and how to open another.
 * @param isInAddress whether the page's address says so, and its history goes back through them
 */
export function useOpenChannel(
  initial: string | undefined,
  isInAddress: boolean,
): readonly [string | undefined, (channel: string | undefined) => void] {
  const own = useState(initial);
  const addressed = useAddress(NAME);
  return isInAddress ? addressed : own;
}
