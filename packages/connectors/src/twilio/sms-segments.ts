import { SegmentedMessage } from "sms-segments-calculator";
import type { Estimate } from "../contract/policy.ts";

/** Letters that take one place each in GSM-7, and that nobody writes in another way. */
const PLAIN = /^[\w !"#%&'()*+,\-./:;<=>?@$\n]*$/;
const GSM_ALONE = 160;
const GSM_EACH = 153;

/**
 * How many segments a text takes, and which character made them short: 160 letters of GSM-7 in one or 153 in each of several; 70
 * or 67 as soon as one is not in that alphabet.
 * @see https://www.twilio.com/docs/glossary/what-sms-character-limit
 */
export function estimateSms(text: string, isSmartEncoded: boolean): Estimate {
  // What most messages are made of is only counted: each delivery asks, and the calculator takes a text apart.
  if (PLAIN.test(text)) {
    const segments = text.length <= GSM_ALONE ? 1 : Math.ceil(text.length / GSM_EACH);
    return { segments, encoding: "GSM-7" };
  }
  const message = new SegmentedMessage(text, "auto", isSmartEncoded);
  const isLong = message.encodingName === "UCS-2";
  const [forcedBy] = isLong ? message.getNonGsmCharacters() : [];
  return {
    segments: Math.max(1, message.segmentsCount),
    encoding: message.encodingName,
    ...(forcedBy === undefined ? {} : { forcedBy }),
  };
}
