import { beforePublish } from "@anywire/functions";

const MAX_SEGMENTS = 4;

// The characters of GSM 03.38, and those that take the room of two. Any other makes the whole text UCS-2.
const GSM =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM_OF_TWO = "\f^{}\\[~]|€";

/** Refuses texts that would cost more than four SMS, and notes on others how many they are. */
export default beforePublish("*.sms.*", ({ message, abort }) => {
  const strange = [...message.text].find((character) => !`${GSM}${GSM_OF_TWO}`.includes(character));
  const segments = countSegments(message.text, strange === undefined);
  if (segments > MAX_SEGMENTS) {
    const why =
      strange === undefined ? "" : `; with ${strange} in it, one takes only 67 characters`;
    return abort(`this text is ${segments} SMS long, and may be ${MAX_SEGMENTS}${why}`);
  }
  message.meta = { ...message.meta, segments };
});

/** A text in several SMS loses room to their numbering, and no character is split between two. */
function countSegments(text: string, isGsm: boolean): number {
  const sizes = [...text].map((character) => {
    if (isGsm) return GSM_OF_TWO.includes(character) ? 2 : 1;
    return character.length;
  });
  const [roomAlone, room] = isGsm ? [160, 153] : [70, 67];
  if (sizes.reduce((sum, size) => sum + size, 0) <= roomAlone) return 1;
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    used += size;
    if (used <= room) continue;
    segments += 1;
    used = size;
  }
  return segments;
}
