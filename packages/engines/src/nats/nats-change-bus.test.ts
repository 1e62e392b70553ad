import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import type { ChangeBus } from "../shared/change-bus.ts";
import { createNatsChangeBus } from "./nats-change-bus.ts";
import { createNatsLink } from "./nats-link.ts";

withEngine("nats", (url) => {
  describe("a bus over NATS", () => {
    let proxy: TcpProxy;
    let near: ChangeBus;
    let far: ChangeBus;
    let heard: string[];

    beforeEach(async () => {
      proxy = await startTcpProxy(url);
      const prefix = `bus-${crypto.randomUUID().slice(0, 8)}`;
      near = createNatsChangeBus(createNatsLink({ servers: [url], prefix }));
      far = createNatsChangeBus(createNatsLink({ servers: [proxy.url], prefix }));
      await Promise.all([near.start(), far.start()]);
      heard = [];
    });

    afterEach(async () => {
      await Promise.all([near.close(), far.close()]);
      await proxy.close();
    });

    const listen = (bus: ChangeBus) =>
      bus.listen({
        onText: (topic, text) => heard.push(`${topic}: ${text}`),
        onMissed: () => heard.push("missed"),
      });

    it("brings what is told on followed topics, in order, to all nodes, and nothing else", async () => {
      const listening = listen(far);
      await listening.follow("p.group.a");
      const unfollow = await listening.follow("p.sms.*");
      near.tell("p.group.a", "1");
      near.tell("p.group.b", "2");
      near.tell("p.sms.c", "3");
      far.tell("p.group.a", "4");
      await vi.waitFor(() => expect(heard).toContain("p.group.a: 4"));
      await vi.waitFor(() => expect(heard).toContain("p.sms.c: 3"));
      expect(heard.filter((text) => !text.endsWith("4"))).toEqual(["p.group.a: 1", "p.sms.c: 3"]);
      unfollow();
      near.tell("p.sms.c", "5");
      near.tell("p.group.a", "6");
      await vi.waitFor(() => expect(heard).toContain("p.group.a: 6"));
      expect(heard).not.toContain("p.sms.c: 5");
    });

    it("says that something was missed before it brings what came after", async () => {
      await listen(far).follow("p.group.a");
      near.tell("p.group.a", "before");
      await vi.waitFor(() => expect(heard).toEqual(["p.group.a: before"]));
      proxy.cut();
      let told = 0;
      const telling = setInterval(() => near.tell("p.group.a", `${told++}`), 1);
      await vi.waitFor(() => expect(told).toBeGreaterThan(50));
      proxy.heal();
      await vi.waitFor(() => expect(heard.length).toBeGreaterThan(20), 10_000);
      clearInterval(telling);
      const [, first, second] = heard;
      expect(first).toBe("missed");
      expect(second).toMatch(/^p\.group\.a: [1-9]/);
    });

    it("lets all know when the node that told may not have been heard", async () => {
      await listen(near).follow("p.group.a");
      far.tell("p.group.a", "before");
      await vi.waitFor(() => expect(heard).toEqual(["p.group.a: before"]));
      proxy.cut();
      far.tell("p.group.a", "lost");
      proxy.heal();
      await vi.waitFor(() => expect(heard).toEqual(["p.group.a: before", "missed"]), 10_000);
    });
  });
});
