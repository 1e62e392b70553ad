import { expect, onTestFinished, test } from "vitest";
import { Faults, json, type NetworkRequest, startNetworkServer } from "../simulator/index.ts";
import { startNetwork } from "../wire/network-under-test.fixture.ts";
import { whatsappCloud } from "./whatsapp-cloud.ts";
import { fetchWhatsappMedia } from "./whatsapp-media.ts";

const signal = AbortSignal.timeout(15_000);
const NO_SENDS = {
  isSend: () => false,
  rateLimited: () => json({}, 429),
  serverError: () => json({}, 500),
};

test("media are fetched by their id, with the token and what Meta says of them", async () => {
  const { simulator, context, events } = await startNetwork(whatsappCloud);
  const bytes = new TextEncoder().encode("%PDF a paper");
  const media = { name: "paper.pdf", mimeType: "application/pdf", bytes };
  await simulator.handset.write("+447700900123", { text: "read this", media });
  const [event] = await events();
  const [reference] = event?.type === "message" ? (event.media ?? []) : [];
  if (reference === undefined) throw new Error("the message came without its paper");
  const { bytes: stream, ...described } = await fetchWhatsappMedia(reference, context, signal);
  expect(described).toEqual({
    name: "paper.pdf",
    mimeType: "application/pdf",
    sizeBytes: bytes.length,
  });
  expect(await new Response(stream).text()).toBe("%PDF a paper");
});

test("media that Meta keeps no longer are told as such", async () => {
  const { context } = await startNetwork(whatsappCloud);
  const fetching = fetchWhatsappMedia({ kind: "image", ref: "1234567890" }, context, signal);
  await expect(fetching).rejects.toThrow("may have expired");
});

test.each(["../../me/accounts", "12?fields=x", "http://169.254.169.254/", ""])(
  "what is no id, %s, makes no request",
  async (ref) => {
    const { simulator, context } = await startNetwork(whatsappCloud);
    await simulator.close();
    const fetching = fetchWhatsappMedia({ kind: "image", ref }, context, signal);
    await expect(fetching).rejects.toThrow("no id of media");
  },
);

test("the token goes to no host that is not Meta's, whatever the API says", async () => {
  const asked: NetworkRequest[] = [];
  const other = await startNetworkServer(
    (request) => {
      asked.push(request);
      return json({});
    },
    new Faults(),
    NO_SENDS,
  );
  let url = "";
  const api = await startNetworkServer(() => json({ url }), new Faults(), NO_SENDS);
  onTestFinished(async () => {
    await Promise.all([other.close(), api.close()]);
  });
  const { context } = await startNetwork(whatsappCloud, { baseUrl: api.url });
  for (url of [
    `${other.url}/x`,
    "https://lookaside.fbsbx.com.evil.example/x",
    "http://lookaside.fbsbx.com/x",
  ]) {
    const fetching = fetchWhatsappMedia({ kind: "image", ref: "42" }, context, signal);
    await expect(fetching, url).rejects.toThrow("not on a host of Meta's");
  }
  expect(asked).toEqual([]);
});
