import { expect, it } from "vitest";
import { emptyEngine } from "../support/engine-config.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { withCluster } from "./cluster.ts";

withCluster(() => {
  it("a session of a stream takes commands that came to another edge, in order, until its own is no more", async () => {
    const engine = await emptyEngine("cluster");
    const own = await startTestServer(engine);
    const other = await startTestServer(engine, { keySet: own.keySet });
    const token = await own.token("bob", {
      subscribe: ["production.>"],
      publish: ["production.>"],
    });
    const stream = await fetch(`${own.url}/connection/http_stream`, {
      method: "POST",
      body: JSON.stringify({ id: 1, connect: { token } }),
    });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const replies = async (count: number): Promise<{ id?: number; connect?: object }[]> => {
      for (;;) {
        const lines = text.split("\n").slice(0, -1);
        const found = lines.map((line) => JSON.parse(line)).filter(({ id }) => id > 0);
        if (found.length >= count) return found;
        text += (await reader?.read())?.value ?? "";
      }
    };
    const [first] = await replies(1);
    const { session, node } = (first?.connect ?? {}) as { session?: string; node?: string };
    const emulate = (commands: object[]): Promise<Response> => {
      const data = commands.map((command) => JSON.stringify(command)).join("\n");
      const body = JSON.stringify({ session, node, data });
      return fetch(`${other.url}/emulation`, { method: "POST", body });
    };
    const channel = "production.group.lobby";
    for (let id = 2; id < 12; id += 1) {
      const response = await emulate([{ id, publish: { channel, data: id } }]);
      expect(response.status).toBe(204);
    }
    expect((await replies(11)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    await reader?.cancel();
    await own.close();
    const gone = await emulate([{ id: 99, ping: {} }]);
    expect(gone.status).toBe(404);
    expect(await gone.json()).toMatchObject({ code: "not_found" });
  });
});
