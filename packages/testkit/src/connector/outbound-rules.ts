import { isDeepStrictEqual } from "node:util";
import { isReconciling, type MediaPart, type SendContent } from "@anywire/connectors";
import type { ConnectorRule } from "./connector-rule.ts";
import { expectEqual, expectThat, show } from "./expect-that.ts";
import { undeclared } from "./says-nothing.ts";
import { onStage, type Stage } from "./stage.ts";

const RANK = { sent: 0, delivered: 1, read: 2, failed: 3 } as const;
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** What reaches the person at the other end. */
export const outboundRules: readonly ConnectorRule[] = [
  {
    name: "brings a text to the person exactly as it was said",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const to = await stage.meet();
        const texts = [
          "plain",
          "Zoë says: 你好, مرحبا",
          "😀👩‍👩‍👧",
          "two\nlines",
          "a & b < c > \"d\" 'e' 100% \\n {{x}} *_~`",
        ];
        for (const text of texts) {
          await stage.deliver(stage.job(to, text));
          stage.onScreen(text);
        }
      }),
  },
  {
    name: "brings a text of the greatest length that it declares",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const to = await stage.meet();
        const text = longText(Math.min(stage.capabilities.text.maxLength, 100_000));
        await stage.deliver(stage.job(to, text));
        const whole = stage.screen().map((message) => message.text);
        expectThat(
          whole.join("").replaceAll("\r\n", "\n").includes(text),
          `a text of capabilities.text.maxLength (${text.length}) did not reach the person whole; declare what the network takes, in UTF-16 code units`,
        );
      }),
  },
  {
    name: "gives every message ids of its own",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const to = await stage.meet();
        const ids: string[] = [];
        for (const text of ["same", "same", "other"]) {
          ids.push(...(await stage.deliver(stage.job(to, text))).externalIds);
        }
        expectEqual([...new Set(ids)], ids, "two messages have one external id");
        expectEqual(stage.simulator.accepted, 3, "the network must have taken three messages");
      }),
  },
  {
    name: "begins a conversation where it declares that it can",
    run: async (subject) => {
      let to = "";
      const says = await onStage(subject, async (stage) => {
        if (!stage.capabilities.canStart) return "its capabilities say that it begins none";
        to = await stage.meet();
      });
      if (says !== undefined) return says;
      return onStage(subject, async (stage) => {
        const result = await stage.send(stage.job(to, "good morning"));
        expectThat(
          result.outcome === "accepted",
          `${to} wrote to one simulator, and is not accepted by a new one, to which nobody wrote: ${show(result)}; a person has the same address in each simulator, so let it make up none at random; or declare canStart: false`,
        );
        stage.onScreen("good morning");
      });
    },
  },
  {
    name: "tells each receipt that it declares, in order, with whose it is",
    run: (subject) => onStage(subject, checkReceipts),
  },
  {
    name: "tells that a message failed later",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { sent, delivered, failed = sent || delivered } = stage.capabilities.receipts;
        if (!stage.simulator.faults.includes("fail_later")) {
          expectThat(
            !failed,
            "a network that tells what arrived tells what did not; have the simulator declare fail_later, or say capabilities.receipts.failed: false where the network never tells",
          );
          return undeclared("receipts.failed");
        }
        const to = await stage.meet();
        stage.simulator.inject({ kind: "fail_later", times: 1 });
        const job = stage.job(to, "never arrives");
        const { externalIds } = await stage.deliver(job);
        await stage.event(
          "receipt",
          (receipt) =>
            receipt.status === "failed" &&
            (receipt.deliveryId === job.deliveryId ||
              externalIds.includes(receipt.externalId ?? "")),
        );
      }),
  },
  {
    name: "answers the very message that it was told to",
    run: (subject) =>
      onStage(subject, async (stage) => {
        if (!isShown(stage.capabilities.reply)) return undeclared("reply");
        const to = await stage.meet("hello");
        const { externalId } = await stage.event("message");
        const job = stage.job(to, "hello yourself", {
          replyTo: externalId,
          references: [externalId],
        });
        await stage.deliver(job);
        expectEqual(
          stage.onScreen("hello yourself").replyTo,
          stage.onScreen("hello").id,
          "capabilities.reply is declared, and the person does not see what the message answers",
        );
      }),
  },
  {
    name: "brings each kind of media that it declares, with its bytes",
    run: (subject) => onStage(subject, checkMedia),
  },
];

/** Every kind of character, and no blank at its end. */
function longText(length: number): string {
  const filler = "word ä € 你 line\n"
    .repeat(Math.ceil(length / 16))
    .slice(0, Math.max(0, length - 3));
  return `${filler}end`.slice(-length);
}

async function checkReceipts(stage: Stage): Promise<undefined> {
  const { receipts, idempotency } = stage.capabilities;
  const to = await stage.meet();
  const job = stage.job(to, "seen?");
  const { externalIds } = await stage.deliver(job);
  for (const status of ["sent", "delivered"] as const) {
    if (receipts[status]) await stage.event("receipt", (receipt) => receipt.status === status);
  }
  if (receipts.read) {
    expectThat(
      stage.simulator.handset.read !== undefined,
      "capabilities.receipts.read is declared, and the simulator's handset has no read()",
    );
    await stage.simulator.handset.read(stage.person);
    await stage.idle();
    if (stage.of("read").length === 0) {
      await stage.event("receipt", (receipt) => receipt.status === "read");
    }
  }
  const got = stage.of("receipt");
  const ranks = got.map(({ status }) => RANK[status]);
  expectThat(
    isDeepStrictEqual(
      ranks,
      ranks.toSorted((a, b) => a - b),
    ),
    `receipts came in the wrong order: ${show(got.map(({ status }) => status))}`,
  );
  for (const { status, externalId, deliveryId } of got) {
    expectThat(
      status === "failed" || receipts[status],
      `a receipt "${status}" came, and capabilities.receipts.${status} says that none does`,
    );
    expectThat(
      deliveryId === job.deliveryId || externalIds.includes(externalId ?? ""),
      `a receipt names neither the delivery ${job.deliveryId} nor one of ${show(externalIds)}: ${show({ externalId, deliveryId })}`,
    );
  }
  expectThat(
    idempotency !== "correlation" ||
      isReconciling(stage.connector) ||
      got.some(({ deliveryId }) => deliveryId === job.deliveryId),
    "capabilities.idempotency is correlation, and no receipt gives deliveryId back; give it to the network with the message, or write reconcile",
  );
}

async function checkMedia(stage: Stage): Promise<string | undefined> {
  const { media = {}, text } = stage.capabilities;
  const shown = Object.entries(media).filter(([, { level }]) => isShown(level));
  if (shown.length === 0) return undeclared("media");
  const to = await stage.meet();
  for (const [kind, capability] of shown) {
    const sample = sampleOf(kind, capability.mimeTypes);
    const caption = `look at the ${kind}`.slice(0, text.maxLength);
    await stage.deliver(
      stage.job(to, caption, { content: withMedia(stage, caption, kind, sample) }),
    );
    const found = stage
      .screen()
      .flatMap((message) => message.media)
      .at(-1);
    expectThat(
      found !== undefined,
      `capabilities.media.${kind} is declared, and the person sees none`,
    );
    const { url, mimeType } = found;
    expectEqual(mimeType, sample.mimeType, `the person sees another media type (${kind})`);
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
    expectThat(
      bytes.equals(sample.bytes),
      `the person gets other bytes than were sent (${kind}): ${bytes.length} instead of ${sample.bytes.length}, from ${url.slice(0, 100)}`,
    );
  }
}

interface Sample {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/** Something to send, of a media type that the network takes. */
function sampleOf(kind: string, mimeTypes: readonly string[] = ["*/*"]): Sample {
  const usual: Record<string, Sample> = {
    image: { name: "dot.png", mimeType: "image/png", bytes: PNG },
    audio: { name: "note.mp3", mimeType: "audio/mpeg", bytes: Buffer.from("ID3\u0004\u0000audio") },
    video: { name: "clip.mp4", mimeType: "video/mp4", bytes: Buffer.from("\0\0\0\x18ftypmp42") },
  };
  const sample = usual[kind] ?? {
    name: "paper.pdf",
    mimeType: "application/pdf",
    bytes: Buffer.from("%PDF-1.4\n%%EOF\n"),
  };
  const isTaken = mimeTypes.some((taken) => {
    const [main, sub] = taken.split("/");
    return (
      main === "*" ||
      taken === sample.mimeType ||
      (sub === "*" && sample.mimeType.startsWith(`${main}/`))
    );
  });
  return isTaken ? sample : { ...sample, mimeType: mimeTypes[0] ?? sample.mimeType };
}

function withMedia(stage: Stage, text: string, kind: string, sample: Sample): SendContent {
  const { name, mimeType, bytes } = sample;
  const url = stage.publish(name, mimeType, bytes);
  const type = kind === "image" || kind === "audio" ? kind : "file";
  const part: MediaPart["part"] = { type, url, name, mimeType, sizeBytes: bytes.length };
  const open = async (): Promise<ReadableStream<Uint8Array>> => {
    return new Blob([new Uint8Array(bytes)]).stream() as ReadableStream<Uint8Array>;
  };
  const source = { name, mimeType, sizeBytes: bytes.length, url, open };
  return { text, media: [{ part, source }], message: { text, parts: [part] } };
}

function isShown(level: string | undefined): boolean {
  return level === "full" || level === "partial";
}
