import { expect, onTestFinished, test, vi } from "vitest";
import { Faults, type NetworkRequest, startNetworkServer } from "../simulator/index.ts";
import { startNetwork } from "../wire/network-under-test.fixture.ts";
import { fetchTwilioMedia } from "./twilio-media.ts";
import { twilioSms } from "./twilio-sms.ts";

const signal = AbortSignal.timeout(15_000);

test("media are fetched from where the API sends for them", async () => {
  const { simulator, context, events } = await startNetwork(twilioSms);
  const bytes = new TextEncoder().encode("a picture");
  const media = { name: "a.png", mimeType: "image/png", bytes };
  await simulator.handset.write("+447700900123", { text: "", media });
  const [event] = await events();
  const [reference] = event?.type === "message" ? (event.media ?? []) : [];
  if (reference === undefined) throw new Error("the message came without its picture");
  const fetched = await fetchTwilioMedia(reference, context, signal);
  expect(fetched).toMatchObject({ mimeType: "image/png" });
  expect(await new Response(fetched.bytes).text()).toBe("a picture");
});

test("the credentials go to the API, and not to the store that it sends to", async () => {
  const { context } = await startNetwork(twilioSms);
  const fetched = vi.spyOn(globalThis, "fetch");
  onTestFinished(() => fetched.mockRestore());
  const location = "https://media.twiliocdn.com/stored";
  fetched.mockResolvedValueOnce(new Response(null, { status: 307, headers: { location } }));
  fetched.mockResolvedValueOnce(new Response("a picture"));
  const ref = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
  await fetchTwilioMedia({ kind: "image", ref }, context, signal);
  const sent = fetched.mock.calls.map(([url, init]) => [
    String(url),
    new Headers(init?.headers).has("authorization"),
  ]);
  expect(sent).toEqual([
    [ref, true],
    [location, false],
  ]);
});

test("media anywhere else are not fetched, also not by a redirect", async () => {
  const asked: NetworkRequest[] = [];
  const other = await startNetworkServer(
    (request) => {
      asked.push(request);
      return { status: 200, body: "" };
    },
    new Faults(),
    NO_SENDS,
  );
  const redirecting = await startNetworkServer(
    () => ({ status: 307, headers: { location: `${other.url}/x` }, body: "" }),
    new Faults(),
    NO_SENDS,
  );
  onTestFinished(async () => {
    await Promise.all([other.close(), redirecting.close()]);
  });
  const { context } = await startNetwork(twilioSms, { baseUrl: redirecting.url });
  for (const ref of [
    `${other.url}/x`,
    `${redirecting.url}/x`,
    "http://169.254.169.254/latest/meta-data",
    "https://api.twilio.com.evil.example/x",
    "https://evil-twilio.com/x",
    "https://s3.amazonaws.com/somebody/x",
    "file:///etc/passwd",
    "not a URL",
  ]) {
    const fetching = fetchTwilioMedia({ kind: "image", ref }, context, signal);
    await expect(fetching, ref).rejects.toThrow("not on a host of Twilio's");
  }
  expect(asked).toEqual([]);
});

const NO_SENDS = {
  isSend: () => false,
  rateLimited: () => ({ status: 429, body: "" }),
  serverError: () => ({ status: 500, body: "" }),
};
