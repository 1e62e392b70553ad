import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connectRaw, type RawClient } from "./support/raw-client.ts";
import { CAN_MOUNT, smallDisk } from "./support/small-disk.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";
const MIB = 1024 * 1024;

/** Publishes until it is refused; returns how many were acknowledged, and the refusal. */
async function publishUntilRefused(client: RawClient, data: string) {
  for (let acknowledged = 0; ; acknowledged += 1) {
    const { error } = await client.request({ publish: { channel: CHANNEL, data } });
    if (error !== undefined) return { acknowledged, error };
  }
}

// Without the right to mount a small disk there is none that can be filled.
it.skipIf(!CAN_MOUNT)(
  "a full disk refuses what can't be stored, keeps and shows what was, and takes more when there is room",
  async () => {
    const directory = await smallDisk(10 * MIB);
    const filler = join(directory, "filler");
    await writeFile(filler, Buffer.alloc(5 * MIB));
    const server = await startTestServer({ engine: "embedded", data: { directory } });
    const reader = await connectRaw(server, "june");
    await reader.request({ subscribe: { channel: CHANNEL } });
    const writer = await connectRaw(server, "bob");
    const { acknowledged, error } = await publishUntilRefused(writer, "x".repeat(50_000));
    expect(error).toEqual({
      code: 507,
      message: expect.stringContaining("has no room left: make room on the disk"),
      temporary: true,
    });
    expect(acknowledged).toBeGreaterThan(10);
    expect(reader.publications(CHANNEL)).toHaveLength(acknowledged);
    const history = { channel: CHANNEL, limit: 1, reverse: true };
    expect(await reader.request({ history })).toMatchObject({ history: { offset: acknowledged } });

    await rm(filler);
    expect(
      await writer.request({ publish: { channel: CHANNEL, data: "there is room" } }),
    ).toMatchObject({ publish: {} });
    const { push } = await reader.replies.find(
      (reply) => reply.push?.pub?.data === "there is room",
    );
    expect(push?.pub?.offset).toBe(acknowledged + 1);
  },
);
