import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink, type NatsLink } from "./nats-link.ts";
import { textOf } from "./nats-message.ts";
import { NatsRequests } from "./nats-requests.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";
import { StreamReader } from "./stream-reader.ts";

const READS = 40;
const AT_ONCE = 16;

withEngine("nats", (url) => {
  describe("a reader of a stream", () => {
    let prefix = "";
    let network: TcpProxy;
    let link: NatsLink;
    let requests: NatsRequests;
    let reader: StreamReader<string>;

    beforeEach(async () => {
      prefix = newPrefix();
      const name = `${prefix}-s`;
      const connection = await connect({ servers: url });
      const { streams } = await jetstreamManager(connection);
      await streams.add({ name, subjects: [`${prefix}.>`], allow_direct: true });
      for (let i = 1; i <= 5; i += 1) await connection.request(`${prefix}.a`, String(i));
      await connection.close();
      network = await startTcpProxy(url);
      link = createNatsLink({ servers: [network.url], prefix });
      await link.start();
      requests = new NatsRequests(link);
      requests.open();
      const decode = ({ data }: { readonly data: Uint8Array }): string => textOf(data);
      reader = new StreamReader(requests, { name, isReplicated: false, decode });
      await reader.last(">");
    });

    afterEach(async () => {
      requests.close();
      await link.close();
      await network.close();
      await removeStreams(url, prefix);
    });

    /** Starts reads whose answers do not come. */
    async function readInVain() {
      network.loseAnswers();
      const publish = vi.spyOn(link.connection, "publish");
      const read = () => reader.page(`${prefix}.a`, { seq: 1 }, 3);
      const reads = Array.from({ length: READS }, read);
      await vi.waitFor(() => expect(publish).toHaveBeenCalled());
      return { publish, reads };
    }

    it("reads so many pages at a time, and the others when those have come", async () => {
      const { publish, reads } = await readInVain();
      expect(publish).toHaveBeenCalledTimes(AT_ONCE);
      network.heal();
      const page = { items: ["1", "2", "3"], lastSeq: 3, hasMore: true };
      expect(await Promise.all(reads)).toEqual(reads.map(() => page));
    });

    it("fails all reads, those that wait for others included, when it is closed", async () => {
      const { publish, reads } = await readInVain();
      requests.close();
      const lost = { status: "rejected", reason: { code: "unavailable" } };
      expect(await Promise.allSettled(reads)).toMatchObject(reads.map(() => lost));
      expect(publish).toHaveBeenCalledTimes(AT_ONCE);
    });
  });
});
