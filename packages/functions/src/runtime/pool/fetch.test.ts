import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openPool } from "./pool.fixture.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Fetches what the message says, and logs what came of it. */
const FETCHES = `import { afterPublish } from "@anywire/functions";
  export default afterPublish("*.sms.*", async (event, { fetch, log }) => {
    const { url, ...init } = JSON.parse(event.message.text);
    try {
      const response = await fetch(url, init);
      log.info(response.status + " " + (await response.text()) + " " + (response instanceof Response));
    } catch (error) {
      log.info((error.code ?? error.name) + ": " + error.message);
    }
  });`;

async function fetching(
  files: Record<string, string> = { "a.ts": FETCHES },
  allowedAddresses: readonly string[] = [],
) {
  const { run } = await openPool(files, { limits: { allowedAddresses } });
  return async (init: object) => {
    const { lines } = await run("a", { event: { message: { text: JSON.stringify(init) } } });
    return lines[0]?.text;
  };
}

test("private addresses are refused, by number or by name, in whatever way they are written", async () => {
  const requests: string[] = [];
  const url = await serve((request, response) => {
    requests.push(request.url ?? "");
    response.end();
  });
  const { port } = new URL(url);
  const get = await fetching();
  const hosts = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::]",
  ];
  for (const host of hosts) {
    expect([host, await get({ url: `http://${host}:${port}/` })]).toEqual([
      host,
      expect.stringMatching(/^permission_denied: .*private address.*functions\.allowedAddresses/),
    ]);
  }
  expect(await get({ url: "https://127.0.0.1/" })).toMatch(/^permission_denied/);
  expect(requests).toEqual([]);
});

test("an address that is allowed is reached; a redirect from there to one that is not, is refused", async () => {
  const url = await serve((request, response) => {
    if (request.url === "/away") response.writeHead(302, { location: "http://127.0.0.2:8099/" });
    else if (request.url === "/round") response.writeHead(302, { location: "/round" });
    response.end(request.method);
  });
  const get = await fetching(undefined, ["127.0.0.1"]);
  expect(await get({ url })).toBe("200 GET true");
  expect(await get({ url, method: "POST", body: "x" })).toBe("200 POST true");
  expect(await get({ url: url.replace("127.0.0.1", "localhost") })).toBe("200 GET true");
  expect(await get({ url: `${url}/away` })).toMatch(
    /^permission_denied: 127\.0\.0\.2 is a private/,
  );
  expect(await get({ url: `${url}/round` })).toMatch(/^TypeError: fetch failed/);
});

test("only http and https are fetched, and not for longer than is said", async () => {
  const url = await serve(() => {});
  const get = await fetching(undefined, ["127.0.0.1"]);
  expect(await get({ url: "file:///etc/passwd" })).toMatch(/^bad_request: .*only http and https/);
  expect(await get({ url: "data:,x" })).toMatch(/^bad_request: .*only http and https/);
  expect(await get({ url, timeoutMs: 50 })).toMatch(/^23: .*timeout/);
  expect(await get({ url, timeoutMs: 0 })).toMatch(/^bad_request: timeoutMs of fetch/);
});

test("the global fetch and WebSocket are guarded as well, also before any run", async () => {
  const requests: string[] = [];
  const url = await serve((request, response) => {
    requests.push(request.url ?? "");
    response.end();
  });
  const get = await fetching({
    "a.ts": `import { afterPublish } from "@anywire/functions";
      const early = await fetch("${url}").catch((error) => error.code);
      export default afterPublish("*.sms.*", async (event, { log }) => {
        const late = await fetch("${url}").catch((error) => error.code);
        const socket = await new Promise((resolve) => {
          const socket = new WebSocket("${url.replace("http", "ws")}");
          socket.onerror = () => resolve("failed");
        });
        log.info([early, late, socket].join());
      });`,
  });
  expect(await get({})).toBe("permission_denied,permission_denied,failed");
  expect(requests).toEqual([]);
});

test("a request that is not awaited ends with its run", async () => {
  const closed = new Promise<void>((resolve) => {
    onClose = resolve;
  });
  const url = await serve((request) => {
    request.on("close", () => onClose());
  });
  const { run, heard } = await openPool(
    {
      "a.ts": `import { afterPublish } from "@anywire/functions";
        export default afterPublish("*.sms.*", async (event, { fetch }) => {
          void fetch(event.message.text);
          await new Promise((resolve) => setTimeout(resolve, 100));
        });`,
    },
    { limits: { allowedAddresses: ["127.0.0.1"] } },
  );
  const told = heard(/a rejection that nobody handled.*is over/s);
  await run("a", { event: { message: { text: url } } });
  await Promise.all([closed, told]);
});
let onClose: () => void = () => {};
