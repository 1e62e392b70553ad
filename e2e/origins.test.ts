import { expect, it } from "vitest";
import { connectRaw, openRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const OURS = "https://app.example.org";
const FOREIGN = "https://evil.example.org";
const PATHS = [
  ["POST", "/connection/http_stream"],
  ["GET", "/connection/sse"],
  ["POST", "/emulation"],
] as const;

it("a page of a foreign origin can't open a socket, one that is allowed or no page at all can", async () => {
  const server = await startTestServer({ http: { corsOrigins: [OURS] } });
  await expect(openRaw(server, { origin: FOREIGN })).rejects.toThrow("403");
  await expect(openRaw(server, { origin: "null" })).rejects.toThrow("403");
  await connectRaw(server, "bob", { origin: OURS });
  await connectRaw(server, "bob", { origin: server.url });
  await connectRaw(server, "bob");
});

it.each(PATHS)(
  "%s %s refuses a foreign page, and tells an allowed one that it may read",
  async (method, path) => {
    const server = await startTestServer({ http: { corsOrigins: [OURS] } });
    const refused = await fetch(server.url + path, { method, headers: { origin: FOREIGN } });
    expect(refused.status).toBe(403);
    expect(refused.headers.get("access-control-allow-origin")).toBeNull();
    expect(await refused.json()).toMatchObject({
      code: "permission_denied",
      detail: "this page's origin is not allowed; see http.corsOrigins",
    });
    const headers = { origin: OURS, "access-control-request-method": method };
    const preflight = await fetch(server.url + path, { method: "OPTIONS", headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(OURS);
    expect(preflight.headers.get("access-control-allow-methods")).toBe(method);
    expect(preflight.headers.get("vary")).toBe("origin");
  },
);

it("every page may connect when that is configured", async () => {
  const server = await startTestServer({ http: { corsOrigins: ["*"] } });
  await connectRaw(server, "bob", { origin: FOREIGN });
});
