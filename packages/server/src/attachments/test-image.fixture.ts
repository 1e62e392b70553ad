import { createJimp } from "@jimp/core";
import jpeg from "@jimp/js-jpeg";
import png from "@jimp/js-png";

const Jimp = createJimp({ formats: [jpeg, png] });

/** An image of one colour; a PNG has a transparent one. */
export async function testImage(
  mimeType: "image/jpeg" | "image/png",
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const color = mimeType === "image/png" ? 0x33_66_99_80 : 0x33_66_99_ff;
  return new Uint8Array(await new Jimp({ width, height, color }).getBuffer(mimeType));
}
