import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../packages/server/src/config/load-config.ts";
import { ENGINE_SERVERS } from "./engines/engine-servers.ts";

const FOLDER = "deploy/compose";
/** Of what is tested on: NATS and Node.js as they are installed, Dynoxide as its crate calls itself. */
const IMAGES = new Set([
  `nats:${ENGINE_SERVERS.nats.version}`,
  `node:${JSON.parse(readFileSync("package.json", "utf8")).devDependencies.node}`,
  "ghcr.io/nubo-db/dynoxide:1.4.0",
  "caddy:2",
]);

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, object>>;
  /** `source:target` or `source:target:ro`. */
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
}

test.each(["engines.yaml", "cluster.yaml"])("%s names what there is", async (file) => {
  const text = readFileSync(join(FOLDER, file), "utf8");
  const { services, volumes } = parse(text, { merge: true }) as ComposeFile;
  for (const service of Object.values(services)) {
    expect(IMAGES).toContain(service.image);
    for (const other of Object.keys(service.depends_on ?? {}))
      expect(services).toHaveProperty([other]);
    for (const mount of service.volumes ?? []) {
      const [source = ""] = mount.split(":");
      if (source.startsWith(".")) expect(existsSync(join(FOLDER, source)), source).toBe(true);
      else expect(volumes).toHaveProperty([source]);
    }
  }
});

test("the servers of the cluster to try are configured as the guide says: edges and a projector that runs functions, too, on three NATS servers", async () => {
  const text = readFileSync(join(FOLDER, "cluster.yaml"), "utf8");
  const { services } = parse(text, { merge: true }) as ComposeFile;
  const roles: Record<string, readonly string[]> = {};
  for (const name of ["edge-1", "edge-2", "projector"]) {
    const environment = services[name]?.environment ?? {};
    const { config } = await loadConfig({ directory: FOLDER, environment });
    roles[name] = config.roles;
    expect(config.engine).toBe("cluster");
    const hosts = config.nats.servers.map((server) => new URL(server).hostname);
    expect(hosts.every((host) => host in services)).toBe(true);
    expect(config.nats.replicas).toBe(hosts.length);
  }
  expect(roles).toEqual({
    "edge-1": ["edge"],
    "edge-2": ["edge"],
    projector: ["projector", "functions"],
  });
});
