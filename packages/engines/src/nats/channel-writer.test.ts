import type { EntryDraft } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { ChannelWriter, type WriterParts } from "./channel-writer.ts";
import { EntryReader } from "./entry-reader.ts";
import { LogStream } from "./log-stream.ts";
import { createNatsLink, type NatsLink } from "./nats-link.ts";
import { NatsRequests } from "./nats-requests.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";
import { StreamPublisher } from "./stream-publisher.ts";

const ROOM = "production.group.room";

withEngine("nats", (url) => {
  describe("who writes a channel on NATS", () => {
    let link: NatsLink;
    let requests: NatsRequests;
    let parts: WriterParts;

    beforeEach(async () => {
      link = createNatsLink({ servers: [url], prefix: newPrefix() });
      await link.start();
      const stream = new LogStream(link, {});
      await stream.open();
      requests = new NatsRequests(link);
      requests.open();
      parts = {
        publisher: new StreamPublisher(requests),
        reader: new EntryReader(requests, stream),
        requests,
        subjects: stream.stored,
        now: Date.now,
        maxBytes: () => 1_000_000,
        giveUpMs: 10_000,
        askForTurn: () => {},
        delivered: () => undefined,
      };
    });

    afterEach(async () => {
      requests.close();
      await link.close();
      await removeStreams(url, link.prefix);
    });

    it("knows an id that would have faded while the ids before it were being read", async () => {
      const last = draft();
      const first = new ChannelWriter(ROOM, parts, () => {});
      for (const one of [draft(), last]) await first.append(one);
      const writer = new ChannelWriter(ROOM, parts, () => {});
      const read = parts.reader.page.bind(parts.reader);
      const page = vi.spyOn(parts.reader, "page").mockImplementationOnce((...query) => {
        writer.fade();
        return read(...query);
      });
      expect(await writer.append(last)).toMatchObject({ isNew: false, entry: last });
      expect(page).toHaveBeenCalledOnce();
    });

    // It was told only when nothing was left to append: at a channel that is never still nothing ever faded.
    it("lets ids fade while there is always more to append", async () => {
      // What is left, not what there was: one new id in 10,000 looks like one that has faded, and brings all of them back.
      const left: number[] = [];
      const writer = new ChannelWriter(ROOM, parts, () => {
        writer.fade();
        left.push(writer.ids.size);
      });
      const appended = await Promise.all(
        Array.from({ length: 1_400 }, () => writer.append(draft())),
      );
      expect(new Set(appended.map(({ entry }) => entry.offset)).size).toBe(1_400);
      expect(left.length).toBeGreaterThan(2);
      expect(Math.max(...left)).toBeLessThan(200);
    });
  });
});

function draft(): EntryDraft {
  return {
    channel: ROOM,
    id: createEntryId(),
    kind: "message",
    sender: "account:ann",
    dataJson: "1",
  };
}
