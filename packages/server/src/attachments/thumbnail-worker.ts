import { parentPort } from "node:worker_threads";
import { createJimp } from "@jimp/core";
import gif from "@jimp/js-gif";
import jpeg from "@jimp/js-jpeg";
import png from "@jimp/js-png";
import { methods as resizing } from "@jimp/plugin-resize";
import { imageSize } from "image-size";
import type { Picture, PictureReply, PictureRequest, Thumbnail } from "./picture.ts";

/** Width and height of a thumbnail at most. */
const LONG_EDGE_PX = 320;

/** An image of more is not decoded: one of a few bytes can claim any size, and each pixel takes four. */
const MAX_PIXELS = 25_000_000;
const JPEG_QUALITY = 80;

const Jimp = createJimp({ formats: [jpeg, png, gif], plugins: [resizing] });
const DECODED = new Set(["jpg", "png", "gif"]);

/** From the fifth on, the orientations of Exif turn an image by a quarter. */
const FIRST_QUARTER_TURN = 5;

parentPort?.on("message", async ({ bytes }: PictureRequest) => {
  const reply = await look(bytes);
  const moved =
    reply.picture?.thumbnail === undefined ? [] : [reply.picture.thumbnail.bytes.buffer];
  parentPort?.postMessage(reply, moved);
});

async function look(bytes: Uint8Array<ArrayBuffer>): Promise<PictureReply> {
  try {
    const { width, height, orientation = 1, type = "" } = imageSize(bytes);
    if (!(width > 0 && height > 0)) return {};
    const isTurned = orientation >= FIRST_QUARTER_TURN;
    const size = { widthPx: isTurned ? height : width, heightPx: isTurned ? width : height };
    if (!DECODED.has(type) || width * height > MAX_PIXELS || isInterlaced(bytes, type)) {
      return { picture: size };
    }
    return { picture: { ...size, ...(await thumbnailOf(bytes)) } };
  } catch {
    // It is no image, or none that can be read here: it is kept and sent all the same.
    return {};
  }
}

/** The PNG decoder inflates these without a bound, and a small file can inflate to any size. */
function isInterlaced(bytes: Uint8Array, type: string): boolean {
  return type === "png" && bytes[28] !== 0;
}

async function thumbnailOf(bytes: Uint8Array<ArrayBuffer>): Promise<Pick<Picture, "thumbnail">> {
  try {
    return { thumbnail: await shrink(bytes) };
  } catch {
    return {};
  }
}

async function shrink(bytes: Uint8Array<ArrayBuffer>): Promise<Thumbnail> {
  const limits = { maxResolutionInMP: MAX_PIXELS / 1e6, maxMemoryUsageInMB: 512 };
  const image = await Jimp.fromBuffer(Buffer.from(bytes.buffer), { "image/jpeg": limits });
  const scale = Math.min(1, LONG_EDGE_PX / Math.max(image.width, image.height));
  const small = image.resize({
    w: Math.max(1, Math.round(image.width * scale)),
    h: Math.max(1, Math.round(image.height * scale)),
  });
  const encoded = small.hasAlpha()
    ? { mimeType: "image/png", data: await small.getBuffer("image/png") }
    : {
        mimeType: "image/jpeg",
        data: await small.getBuffer("image/jpeg", { quality: JPEG_QUALITY }),
      };
  return { mimeType: encoded.mimeType, bytes: new Uint8Array(encoded.data) };
}
