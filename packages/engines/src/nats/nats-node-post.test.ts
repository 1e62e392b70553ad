import type { NodePost } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsNodePost } from "./nats-node-post.ts";

withEngine("nats", (url) => {
  describe("post between nodes over NATS", () => {
    let a: NodePost;
    let b: NodePost;
    let taken: string[];

    beforeEach(async () => {
      const prefix = `post-${crypto.randomUUID().slice(0, 8)}`;
      [a, b] = [1, 2].map(() => createNatsNodePost(createNatsLink({ servers: [url], prefix }))) as [
        NodePost,
        NodePost,
      ];
      await Promise.all([a.start(), b.start()]);
      taken = [];
    });

    afterEach(() => Promise.all([a.close(), b.close()]));

    const receive = (post: NodePost, node: string): Promise<void> =>
      post.receive(node, (message) => taken.push(`${node}: ${Buffer.from(message)}`));

    it("brings messages to the node of that name, in order, before sending them resolves", async () => {
      await receive(a, "node-a");
      await receive(b, "node-b");
      await a.send("node-b", Buffer.from("1"));
      expect(taken).toEqual(["node-b: 1"]);
      await Promise.all(["2", "3", "4"].map((text) => a.send("node-b", Buffer.from(text))));
      await b.send("node-b", Buffer.from("5"));
      expect(taken).toEqual(["1", "2", "3", "4", "5"].map((text) => `node-b: ${text}`));
    });

    it("says that there is no such node", async () => {
      await receive(a, "node-a");
      for (const nobody of ["node-c", "node.a", "*", ">", ""]) {
        const sent = b.send(nobody, Buffer.from("x"));
        await expect(sent).rejects.toMatchObject({ code: "not_found" });
      }
      await a.close();
      await expect(b.send("node-a", Buffer.from("x"))).rejects.toMatchObject({ code: "not_found" });
      expect(taken).toEqual([]);
    });
  });
});
