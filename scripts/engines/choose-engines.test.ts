import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { loadConfig } from "../../packages/server/src/config/load-config.ts";
import { chooseEngines } from "./choose-engines.ts";
import { ENGINE_SERVERS } from "./engine-servers.ts";
import { planE2e } from "./plan-e2e.ts";

const NATS = { url: "nats://10.0.0.1:4222" };
const MISSING = { missing: expect.stringContaining("npm run engines -- --install") };

/** A machine with nothing but what is put there. */
async function bareMachine() {
  const root = await mkdtemp(join(tmpdir(), "anywire-machine-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const program = async (folder: string, name: string, version: string): Promise<string> => {
    const path = join(root, folder, name);
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(path, `#!/bin/sh\necho ${name}: v${version}\n`);
    await chmod(path, 0o755);
    return path;
  };
  return { program, environment: { PATH: join(root, "bin"), XDG_CACHE_HOME: join(root, "cache") } };
}

it("the engines inside the process are always there, a server where one runs already", async () => {
  const { environment } = await bareMachine();
  expect(chooseEngines({ ...environment, TEST_NATS_URL: NATS.url })).toEqual({
    memory: { url: "" },
    sqlite: { url: "" },
    nats: NATS,
    dynamodb: MISSING,
  });
});

it("a server is taken from the PATH, or from the cache when that one is too old", async () => {
  const { environment, program } = await bareMachine();
  const cached = await program("cache/anywire/engines/nats-server-2.14.5/bin", "nats-server", "2");
  await program("bin", "nats-server", "2.11.9");
  const recipe = ENGINE_SERVERS.nats;
  expect(chooseEngines(environment).nats).toEqual({ recipe, program: cached });
  const onPath = await program("bin", "nats-server", "2.12.0");
  expect(chooseEngines(environment).nats).toEqual({ recipe, program: onPath });
});

it("ENGINES leaves out what it does not name", async () => {
  const { environment } = await bareMachine();
  const ENGINES = "sqlite,nats";
  expect(chooseEngines({ ...environment, ENGINES, TEST_NATS_URL: NATS.url })).toEqual({
    memory: { missing: "not in ENGINES" },
    sqlite: { url: "" },
    nats: NATS,
    dynamodb: { missing: "not in ENGINES" },
  });
});

it("what ENGINES names must be there, and be an engine", async () => {
  const { environment } = await bareMachine();
  expect(() => chooseEngines({ ...environment, ENGINES: "memory,nats" })).toThrow(
    /^ENGINES names nats, but there is no nats-server: npm run engines -- --install builds it/,
  );
  expect(() => chooseEngines({ ENGINES: "memory,oracle" })).toThrow(
    "ENGINES names oracle; there are memory, sqlite, nats, dynamodb",
  );
});

it("end-to-end tests run on each bundle of which every part is there", () => {
  const choices = chooseEngines({ ENGINES: "memory" });
  expect(planE2e(choices)).toMatchObject({
    runs: ["memory"],
    skips: expect.arrayContaining(["e2e on embedded: sqlite: not in ENGINES"]),
  });
});

// Whoever had exported them could start no server: names that begin with ANYWIRE_ have to be known.
it("what says where a server runs does not keep a server of ours from starting", async () => {
  const variables = Object.values(ENGINE_SERVERS).map(({ variable }) => [variable, NATS.url]);
  const environment = Object.fromEntries(variables);
  await expect(loadConfig({ directory: tmpdir(), environment })).resolves.toBeDefined();
});
