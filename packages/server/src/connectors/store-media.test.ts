import type { FetchedMedia } from "@anywire/connectors";
import { createMemoryBlobStore } from "@anywire/engines/memory";
import { expect, test } from "vitest";
import { createAttachmentIntake } from "../attachments/intake.ts";
import { testImage } from "../attachments/test-image.fixture.ts";
import { createThumbnailer } from "../attachments/thumbnailer.ts";
import { createMediaSource } from "./media-source.ts";
import { storeMedia, type WantedMedia } from "./store-media.ts";

const WANTED: WantedMedia = { platform: "production", id: "chat1-2-0", kind: "image" };

async function createIntake() {
  const blobs = createMemoryBlobStore();
  await blobs.start();
  const attachments = { maxBytes: 200_000, types: ["image/*", "audio/*"] };
  const intake = createAttachmentIntake({ blobs, attachments, thumbnailer: createThumbnailer() });
  return { blobs, intake };
}

function media(bytes: Uint8Array, mimeType: string): FetchedMedia {
  return { mimeType, bytes: new Blob([new Uint8Array(bytes)]).stream() };
}

test("what a network sent once is one attachment, under an id that nobody without the key can know", async () => {
  const { blobs, intake } = await createIntake();
  const image = await testImage("image/png", 8, 8);
  const store = (key: string) => storeMedia(intake, key, media(image, "image/png"), WANTED);
  const part = await store("key");
  expect(part).toMatchObject({ type: "image", name: "image.png", mimeType: "image/png" });
  expect(await store("key")).toEqual(part);
  expect(await store("other key")).not.toMatchObject({ url: (part as { url: string }).url });
  expect(JSON.stringify(part)).not.toContain(WANTED.id);
  const source = await createMediaSource(
    blobs,
    () => "https://chat.example.org",
  )((part as { url: string }).url);
  expect(source?.url).toBe(`https://chat.example.org${(part as { url: string }).url}`);
  expect((await new Response(await source?.open()).arrayBuffer()).byteLength).toBe(
    image.byteLength,
  );
});

test("media that lie about what they are, or come where no key is, are refused", async () => {
  const { intake } = await createIntake();
  const image = await testImage("image/png", 8, 8);
  await expect(storeMedia(intake, "key", media(image, "audio/mpeg"), WANTED)).rejects.toMatchObject(
    { code: "unsupported_media_type" },
  );
  await expect(
    storeMedia(intake, undefined, media(image, "image/png"), WANTED),
  ).rejects.toMatchObject({ code: "unavailable" });
});

test("what is no attachment of this server, or is gone, has no bytes", async () => {
  const { blobs } = await createIntake();
  const find = createMediaSource(blobs, () => "https://chat.example.org");
  expect(await find("https://elsewhere.example.org/v1/attachments/production.abc")).toBeUndefined();
  expect(await find(`/v1/attachments/production.${"a".repeat(40)}`)).toBeUndefined();
  expect(await find("/v1/attachments/..%2F..%2Fkeys.json")).toBeUndefined();
});
