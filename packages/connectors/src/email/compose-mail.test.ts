import { expect, test } from "vitest";
import type { SendJob } from "../contract/send.ts";
import { composeMail } from "./compose-mail.ts";
import type { EmailContext } from "./email-settings.ts";
import { contextOf, jobOf, NOW } from "./email-setup.fixture.ts";

interface Composed {
  readonly raw: string;
  readonly body: string;
  /** Unfolded, by their small names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly envelope: { readonly from: string; readonly to: string };
}

async function compose(job: SendJob, context: EmailContext = contextOf()): Promise<Composed> {
  const mail = await composeMail(context, job, job.to.replace("email:", ""));
  const chunks: Buffer[] = [];
  for await (const chunk of mail.raw) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks).toString("utf8");
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { raw, body: rest.join("\r\n\r\n"), headers: new Map(headers), envelope: mail.envelope };
}

test("a mail says who wrote it, to whom, when and about what, and is no machine's", async () => {
  const { headers, envelope } = await compose(jobOf());
  expect(headers.get("from")).toBe("Bob <help@shop.test>");
  expect(headers.get("to")).toBe("ann@example.org");
  expect(headers.get("subject")).toBe("Your parcel");
  expect(Date.parse(headers.get("date") ?? "")).toBe(NOW);
  expect(headers.get("message-id")).toMatch(/^<d1\.c1\.[a-z2-7]{4}@shop\.test>$/);
  expect(headers.get("reply-to")).toMatch(/^reply\+email\.c1\.[a-z2-7]{14}@shop\.test$/);
  expect(headers.has("auto-submitted")).toBe(false);
  expect(headers.has("list-unsubscribe")).toBe(false);
  expect(headers.has("in-reply-to")).toBe(false);
  expect(envelope.to).toBe("ann@example.org");
  expect(envelope.from).toMatch(/^bounce\+d1\.[a-z2-7]{10}@shop\.test$/);
});

test("an answer names what it answers and all mails before it, folded, none cut off", async () => {
  const references = Array.from(
    { length: 20 },
    (_, index) => `<${index}-${"x".repeat(60)}@a.test>`,
  );
  const { raw, headers } = await compose(jobOf({ references, replyTo: "<answered@a.test>" }));
  expect(headers.get("references")).toBe([...references, "<answered@a.test>"].join(" "));
  expect(headers.get("in-reply-to")).toBe("<answered@a.test>");
  expect(headers.get("subject")).toBe("Re: Your parcel");
  expect(Math.max(...raw.split("\r\n").map(({ length }) => length))).toBeLessThan(998);
});

test("an id that we made for a mail without one is told to nobody", async () => {
  const references = ["<a@a.test>", `sha256:${"0".repeat(64)}`];
  const { headers } = await compose(jobOf({ references }));
  expect(headers.get("references")).toBe("<a@a.test>");
  expect(headers.get("in-reply-to")).toBe("<a@a.test>");
});

test("the subject is the message's own, else the channel's title, else how the text begins", async () => {
  const text = "The quick brown fox jumps over the lazy dog and runs away into the deep forest";
  const own = { text, message: { text, meta: { subject: "Fox" } } };
  const subjectOf = async (job: SendJob) => (await compose(job)).headers.get("subject");
  expect(await subjectOf(jobOf({}, own))).toBe("Fox");
  expect(await subjectOf(jobOf({ title: null }, { text }))).toContain("The_quick_brown");
  expect(await subjectOf(jobOf({ title: "Re: Tea" }))).toBe("Tea");
  expect(await subjectOf(jobOf({ title: null }, { text: "" }))).toBe("Message");
});

test("without a title the whole conversation keeps the subject that its first mail had", async () => {
  const answer = { title: null, references: ["<a@shop.test>"] };
  const subjectOf = async (job: SendJob) => (await compose(job)).headers.get("subject");
  const opened = { ...answer, opening: { text: "Is the cabin free?" } };
  expect(await subjectOf(jobOf(opened, { text: "And on Sunday?" }))).toBe("Re: Is the cabin free?");
  const named = { ...answer, opening: { text: "hi", meta: { subject: "The cabin" } } };
  expect(await subjectOf(jobOf(named, { text: "And on Sunday?" }))).toBe("Re: The cabin");
});

test("nothing that people write becomes a header or another recipient", async () => {
  const evil = "x\r\nBcc: eve@evil.test\r\n\r\n<b>";
  const source = {
    name: `a${evil}.txt`,
    mimeType: `text/plain${evil}`,
    sizeBytes: 1,
    url: "https://chat.test/a",
    open: async () => new Blob(["a"]).stream(),
  };
  const part = { type: "file", url: source.url } as const;
  const message = { text: evil, meta: { subject: evil } };
  const { headers, raw } = await compose(
    jobOf(
      { senderName: evil, title: evil, replyTo: `<a@a.test>${evil}`, references: [evil] },
      { text: evil, message, media: [{ part, source }] },
    ),
  );
  expect(headers.has("bcc")).toBe(false);
  expect(headers.get("to")).toBe("ann@example.org");
  const lines = raw.split("\r\n").filter((line) => /^bcc:/i.test(line));
  // The text itself may say so, in the body.
  expect(lines.length).toBeLessThanOrEqual(1);
  expect(raw.slice(0, raw.indexOf("\r\n\r\n"))).not.toMatch(/^bcc:/im);
});

test("bulk mail can be unsubscribed from, with one click where there is a URL for it", async () => {
  const plain = await compose(jobOf({ kind: "bulk" }));
  expect(plain.headers.get("list-unsubscribe")).toBe("<mailto:help@shop.test?subject=unsubscribe>");
  expect(plain.headers.has("list-unsubscribe-post")).toBe(false);
  const context = contextOf({ unsubscribeUrl: "https://shop.test/u?a={address}&d={delivery}" });
  const oneClick = await compose(jobOf({ kind: "bulk", deliveryId: "d9" }), context);
  expect(oneClick.headers.get("list-unsubscribe")).toBe(
    "<https://shop.test/u?a=ann%40example.org&d=d9>, <mailto:help@shop.test?subject=unsubscribe>",
  );
  expect(oneClick.headers.get("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
});

test("HTML is made from the text, or is the message's own", async () => {
  const made = await compose(jobOf({}, { text: "1 < 2" }));
  expect(made.body).toContain("text/plain");
  expect(made.body).toContain("<p>1 &lt; 2</p>");
  const message = { text: "x", meta: { html: "<h1>Own</h1>" } };
  const own = await compose(jobOf({}, { text: "x", message }));
  expect(own.body).toContain("<h1>Own</h1>");
  expect(own.body).not.toContain("<p>x</p>");
});

test("media that are somewhere else are named in the text", async () => {
  const part = { type: "image", url: "https://pics.test/a.png", name: "a.png" } as const;
  const { body } = await compose(jobOf({}, { media: [{ part, source: undefined }] }));
  expect(body).toContain("a.png: https://pics.test/a.png");
});

test("where several attachments can't be read, those that were opened are let go", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    cancel() {
      isCancelled = true;
    },
  });
  const common = { name: "a", mimeType: "text/plain", sizeBytes: 1, url: "https://chat.test/a" };
  const part = { type: "file", url: common.url } as const;
  const good = { ...common, open: async () => stream };
  const bad = { ...common, open: () => Promise.reject(new Error("gone")) };
  const media = [good, bad].map((source) => ({ part, source }));
  await expect(compose(jobOf({}, { media }))).rejects.toThrow("gone");
  expect(isCancelled).toBe(true);
});
