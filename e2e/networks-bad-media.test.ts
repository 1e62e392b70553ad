import type { Entry, Message } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { callWebhook, twilioWebhook } from "./support/bad-webhooks.ts";
import { startBystander } from "./support/bystander.ts";
import { connectNetwork, type NetworkUnderTest, PATIENCE } from "./support/network-under-test.ts";
import { residentMb } from "./support/resident-memory.ts";
import { BAD_MANNERS, startRudeHost } from "./support/rude-host.ts";
import { startTestServer } from "./support/start-test-server.ts";

const ANN = "+447700900123";
const MIB = 1024 * 1024;

/** What Ann said, once that is so many messages. */
async function messagesOf(network: NetworkUnderTest, count: number): Promise<readonly Message[]> {
  const { call, entries } = network;
  return await vi.waitFor(
    async () => {
      const { body } = await call("GET", "/v1/channels?type=sms");
      expect(body.channels).toHaveLength(1);
      const all: readonly Entry[] = await entries(body.channels[0].channel);
      const said = all.filter(({ kind }) => kind === "message").map(({ data }) => data as Message);
      expect(said).toHaveLength(count);
      return said;
    },
    { ...PATIENCE, timeout: 60_000 },
  );
}

it("media that lie, never end, never come or lead elsewhere leave a note in the message, which comes all the same", async () => {
  const rude = await startRudeHost();
  const server = await startTestServer({
    connectors: { mediaTimeoutMs: 2_500 },
    attachments: { maxBytes: 4 * MIB },
  });
  const network = await connectNetwork(server, "twilio-sms");
  const pigeons = await connectNetwork(server, "pigeon");
  const bystander = await startBystander(server);
  const path = `/v1/connections/${network.connection}`;
  const settings = { ...network.simulator.settings, baseUrl: rude.url };
  // Secrets go elsewhere only with whoever has them.
  const { secrets } = network.simulator;
  expect((await network.call("PATCH", path, { settings, secrets })).status).toBe(200);
  const before = await residentMb(process.pid);

  const urls = [...BAD_MANNERS.map((manner) => `${rude.url}/${manner}`)];
  urls.push("http://127.0.0.1:1/x", "file:///etc/passwd", "no URL", "http://[::1]:9/", "data:,x");
  for (const [i, MediaUrl0] of urls.entries()) {
    const media = { NumMedia: "1", MediaContentType0: "image/png", MediaUrl0 };
    const webhook = twilioWebhook(server, network, { From: ANN, Body: `photo ${i}`, ...media });
    expect((await callWebhook(webhook))[0]).toBe(200);
  }
  // Others do not wait for it.
  await pigeons.handset.write("loft-7", { text: "coo" });
  await vi.waitFor(async () => {
    const { body } = await pigeons.call("GET", "/v1/channels?type=pigeon");
    expect(body.channels).toHaveLength(1);
  }, PATIENCE);
  await bystander.assertUndisturbed();
  const good = { NumMedia: "1", MediaContentType0: "image/png", MediaUrl0: `${rude.url}/good` };
  await callWebhook(twilioWebhook(server, network, { From: ANN, Body: "good", ...good }));

  const said = await messagesOf(network, urls.length + 1);
  expect(said.map(({ text }) => text)).toEqual([...urls.map((_, i) => `photo ${i}`), "good"]);
  expect(said.at(-1)?.parts).toMatchObject([{ type: "image", mimeType: "image/png" }]);
  for (const [i, { parts }] of said.slice(0, -1).entries()) {
    expect(parts, urls[i]).toMatchObject([
      { type: "text", text: expect.stringMatching(/^\[A picture could not be taken in: .+\]$/) },
    ]);
  }
  expect(await residentMb(process.pid)).toBeLessThan(before + 200);
  const problems = await network.call("GET", `${path}/problems`);
  expect(problems.body).toEqual({ problems: [] });
  // The account's credentials went to the API alone, and nobody was asked who is none of Twilio's.
  expect(rude.asked).not.toContain("/v1/accounts");
  await bystander.assertUndisturbed();
}, 90_000);

it("more media than a message can have, a count that is none and media without a place do not hold the message up", async () => {
  const server = await startTestServer();
  const network = await connectNetwork(server, "twilio-sms");
  const counts = ["-1", "1e9", "NaN", "99999999999999999999", "2.5", ""];
  for (const [i, NumMedia] of counts.entries()) {
    const webhook = twilioWebhook(server, network, { From: ANN, Body: `odd ${i}`, NumMedia });
    expect((await callWebhook(webhook))[0]).toBe(200);
  }
  const said = await messagesOf(network, counts.length);
  expect(said.map(({ text }) => text)).toEqual(counts.map((_, i) => `odd ${i}`));
}, 60_000);
