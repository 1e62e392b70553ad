import { SegmentedMessage } from "sms-segments-calculator";
import type { Estimate } from "../contract/policy.ts";

/**
 * How many segments a text takes, and which character made them short: 160 letters of GSM-7 in one or 153 in each of several; 70
 * or 67 as soon as one is not in that alphabet.
 * @see https://www.twilio.com/docs/glossary/what-sms-character-limit
 */
export function estimateSms(text: string, isSmartEncoded: boolean): Estimate {
  const message = new SegmentedMessage(text, "auto", isSmartEncoded);
  const isLong = message.encodingName === "UCS-2";
  const [forcedBy] = isLong ? message.getNonGsmCharacters() : [];
  return {
    segments: Math.max(1, message.segmentsCount),
    encoding: message.encodingName,
    ...(forcedBy === undefined ? {} : { forcedBy }),
  };
}
