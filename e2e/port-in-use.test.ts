import { AnywireError } from "@anywire/types";
import { expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { startTestServer } from "./support/start-test-server.ts";

it("a port that is taken is told with what to do, and whoever has it goes on", async () => {
  const server = await startTestServer();
  const bystander = await startBystander(server);
  const port = Number(new URL(server.url).port);
  const failed = startTestServer({ http: { port } });
  await expect(failed).rejects.toThrow(AnywireError);
  await expect(failed).rejects.toMatchObject({
    code: "unavailable",
    message: `port ${port} on 127.0.0.1 is taken; stop what listens there, or choose another with --port`,
  });
  await bystander.assertUndisturbed();
});
