import { expect, test } from "vitest";
import { assertTypeHolds } from "./check-bytes.ts";
import { testImage } from "./test-image.fixture.ts";

const PDF = bytesOf("%PDF-1.7\n");
const ZIP = new Uint8Array([0x50, 0x4b, 3, 4, ...new Array(60).fill(0)]);
const OLD_OFFICE = new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
const MP4 = bytesOf("\0\0\0\x18ftypisom\0\0\0\0isomiso2");
const WEBM = new Uint8Array([0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84, ...bytesOf("webm")]);
const MP3 = bytesOf(`ID3\x03\0\0\0\0\0\0${"\0".repeat(300)}`);
/** Its directory is at byte 30,000. */
const TIFF = bytesOf("II*\0\x30\x75\0\0");
const UTF_16 = new Uint8Array([0xff, 0xfe, 0x68, 0, 0x69, 0]);

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

test.each([
  ["a PDF", "application/pdf", PDF],
  ["anything, said to be just bytes", "application/octet-stream", PDF],
  ["an archive under its older name", "application/x-zip-compressed", ZIP],
  ["a document that is an archive inside", DOCX, ZIP],
  ["a document of a format of the nineties", "application/msword", OLD_OFFICE],
  ["a container with pictures", "video/mp4", MP4],
  ["the same container with sound only", "audio/mp4", MP4],
  ["the same as phones name it", "video/quicktime", MP4],
  ["sound in a container for films", "audio/webm", WEBM],
  ["sound under a name that browsers give, with a gap behind its title", "audio/mp3", MP3],
  ["a picture whose directory is at its end", "image/tiff", TIFF],
  ["a PDF with something before it", "application/pdf", bytesOf("\n\n%PDF-1.4\n")],
  ["a text that begins as a bitmap does", "text/plain", bytesOf("BMW is a maker of cars")],
  ["a text in two bytes a character", "text/plain", UTF_16],
  ["a CSV as Windows names it", "application/vnd.ms-excel", bytesOf("name;size\n")],
  ["a drawing made of characters", "image/svg+xml", bytesOf("<svg/>")],
  ["a format that has no mark", "application/x-of-our-own", bytesOf("whatever")],
  ["a format of one's own inside a known one", "application/x-of-our-own", ZIP],
  ["a text of nothing", "text/plain", bytesOf("")],
])("%s passes", async (_name, type, bytes) => {
  await expect(assertTypeHolds(type, bytes)).resolves.toBeUndefined();
});

test.each([
  ["a PDF as a picture", "image/png", PDF, "application/pdf"],
  ["a PDF as a picture without a mark", "image/x-of-our-own", PDF, "application/pdf"],
  ["a PDF as an archive", "application/zip", PDF, "application/pdf"],
  ["a PDF as a document", DOCX, PDF, "application/pdf"],
  ["an archive as a PDF", "application/pdf", ZIP, "application/zip"],
  ["a film as a picture", "image/webp", MP4, "video/mp4"],
  ["one container as another", "video/webm", MP4, "video/mp4"],
  ["nothing as a picture", "image/png", bytesOf(""), "something else"],
  ["a page as a picture", "image/jpeg", bytesOf("<script>"), "something else"],
  [
    "a PDF that begins too late",
    "application/pdf",
    bytesOf(`${" ".repeat(1025)}%PDF-`),
    "something",
  ],
  ["a PDF with something before it as a picture", "image/tiff", bytesOf("\n%PDF-1.4"), "something"],
  ["bytes as a sheet", "application/vnd.ms-excel", new Uint8Array([1, 0, 2]), "something else"],
  ["a text as a document", "application/msword", bytesOf("a;b"), "something else"],
  ["bytes as a text", "application/json", new Uint8Array([1, 0, 2]), "no text"],
])("%s is refused, and the error says what it is", async (_name, type, bytes, found) => {
  await expect(assertTypeHolds(type, bytes)).rejects.toMatchObject({
    code: "unsupported_media_type",
    message: expect.stringContaining(`said to be ${type} but are ${found}`),
  });
});

test("a picture passes as what it is, and as no other", async () => {
  const photo = await testImage("image/jpeg", 4, 4);
  await assertTypeHolds("image/jpeg", photo);
  await assertTypeHolds("image/pjpeg", photo);
  await expect(assertTypeHolds("image/png", photo)).rejects.toThrow(/are image\/jpeg/);
});

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
