import { describeConnector } from "@anywire/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { SendJob } from "../contract/send.ts";
import { startWebhookCatcher } from "../wire/webhook-catcher.fixture.ts";
import { pigeon } from "./pigeon.ts";
import { toEvents } from "./pigeon-landing.ts";
import { createPigeonSimulator } from "./pigeon-simulator.ts";

describeConnector(pigeon);

test("a coach pigeon lands after a concorde that left behind it", async () => {
  const catcher = await startWebhookCatcher();
  onTestFinished(() => catcher.close());
  const loft = await createPigeonSimulator({ webhookUrl: catcher.url, receiptDelayMs: 50 });
  onTestFinished(() => loft.close());
  for (const qos of ["coach", "concorde"]) {
    const context = {
      id: "loft",
      platform: "p",
      settings: pigeon.configSchema.parse({ ...loft.settings, qos }),
      secrets: { seal: [loft.secrets["seal"] ?? ""] },
      webhookUrl: catcher.url,
      now: Date.now,
    };
    const content = { text: qos, media: [], message: { text: qos } };
    const signal = AbortSignal.timeout(10_000);
    const job = { to: "pigeon:loft-7", deliveryId: qos, content, signal } as unknown as SendJob;
    expect(await pigeon.send(job, context)).toMatchObject({ outcome: "accepted" });
  }
  await loft.idle();
  const landed = catcher.requests.flatMap(({ body }) => toEvents(body));
  expect(landed).toMatchObject([
    { deliveryId: "concorde", status: "delivered" },
    { deliveryId: "coach", status: "delivered" },
  ]);
});

test("nobody can write from a loft that can't be one", async () => {
  const loft = await createPigeonSimulator({ webhookUrl: "http://127.0.0.1:1/" });
  onTestFinished(() => loft.close());
  await expect(loft.handset.write("Loft 7", { text: "coo" })).rejects.toThrow("is no loft");
});
