import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished, vi } from "vitest";
import { ENGINE_SERVERS, type ServerRecipe } from "./engine-servers.ts";
import { startServer } from "./start-server.ts";

/** Listens, leaves something in its directory, and says so. */
const SERVER = `
  const [port, directory] = process.argv.slice(-2);
  require("node:fs").writeFileSync(directory + "/data", "");
  require("node:net").createServer().listen(port, "127.0.0.1", () => console.error("at last: ready"));
`;
const RECIPE: ServerRecipe = {
  ...ENGINE_SERVERS.nats,
  program: "example",
  ready: /ready/,
  args: (port, directory) => ["-e", SERVER, "--", String(port), directory],
};

/** Whether somebody listens at the address, such as `nats://127.0.0.1:4222`. */
async function answers(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

it("a server listens once it is started, and leaves nothing behind when it is stopped", async () => {
  const server = await startServer(RECIPE, process.execPath);
  expect(existsSync(`${server.directory}/data`)).toBe(true);
  expect(await answers(server.url)).toBe(true);
  await server.stop();
  expect(await answers(server.url)).toBe(false);
  expect(existsSync(server.directory)).toBe(false);
});

it("a port that is taken is left to whom it belongs", async () => {
  const owner = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void owner.close());
  await once(owner, "listening");
  const { port } = owner.address() as { port: number };
  const server = await startServer(RECIPE, process.execPath, port);
  onTestFinished(() => server.stop());
  expect(server.url).not.toBe(RECIPE.url(port));
});

it("a server that does not come up says why", async () => {
  const broken = { ...RECIPE, args: () => ["-e", "console.error('no room'); process.exit(3)"] };
  await expect(startServer(broken, process.execPath)).rejects.toThrow(
    "example ended before it was ready:\nno room",
  );
  await expect(startServer(RECIPE, "/no/such/program")).rejects.toThrow("/no/such/program");
});

it("a server goes with the process that started it, even one that is killed", async () => {
  const module = new URL("./start-server.ts", import.meta.url).href;
  const code = `
    const { startServer } = await import(${JSON.stringify(module)});
    const recipe = {
      program: "example",
      ready: /ready/,
      url: (port) => "nats://127.0.0.1:" + port,
      args: (port, directory) => ["-e", ${JSON.stringify(SERVER)}, "--", String(port), directory],
    };
    console.log(JSON.stringify(await startServer(recipe, process.execPath)));
  `;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: owner.stdout }), "line");
  const { url, directory } = JSON.parse(line);
  expect(await answers(url)).toBe(true);
  owner.kill("SIGKILL");
  await vi.waitFor(async () => {
    expect(await answers(url)).toBe(false);
    expect(existsSync(directory)).toBe(false);
  });
});
