import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { AnywireError } from "@anywire/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConfigSources, loadConfig } from "./load-config.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-config-"));
});

afterAll(() => rm(directory, { recursive: true }));

function load(sources: Partial<ConfigSources>): ReturnType<typeof loadConfig> {
  return loadConfig({ directory, environment: {}, ...sources });
}

async function problems(sources: Partial<ConfigSources>): Promise<unknown> {
  const error: unknown = await load(sources).catch((thrown: unknown) => thrown);
  if (!(error instanceof AnywireError)) return "no problem";
  const { problems: list = [error.message] } = error.details;
  return list;
}

async function writeConfig(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

describe("where values come from", () => {
  test("without anything, everything has its default", async () => {
    const { config, file, origins } = await load({});
    expect(config.http.port).toBe(4000);
    expect(config.data.directory).toBe("./.anywire");
    expect([file, origins.size]).toEqual([undefined, 0]);
  });

  test("flags win over the environment, the environment over the file, the file over presets", async () => {
    const file = await writeConfig(
      "four.json",
      JSON.stringify({ http: { host: "file", port: 2 }, limits: { maxDepth: 2 } }),
    );
    const { config, origins } = await load({
      presets: { http: { host: "preset", maxBodyBytes: 99_999 }, limits: { maxDepth: 1 } },
      file,
      environment: { ANYWIRE_HTTP_PORT: "3", ANYWIRE_LIMITS_MAX_DEPTH: "3" },
      flags: [{ flag: "--port", field: "http.port", text: "4" }],
    });
    expect(config.http).toMatchObject({ host: "file", port: 4, maxBodyBytes: 99_999 });
    expect(config.limits.maxDepth).toBe(3);
    expect(Object.fromEntries(origins)).toEqual({
      "http.host": file,
      "http.port": "--port",
      "limits.maxDepth": "ANYWIRE_LIMITS_MAX_DEPTH",
    });
  });

  test("anywire.config.ts in the directory is found, and its types are stripped", async () => {
    const path = await writeConfig(
      "anywire.config.ts",
      "const port: number = 5;\nexport default { http: { port } };\n",
    );
    const { config, file } = await load({});
    await rm(path);
    expect([config.http.port, file]).toEqual([5, path]);
  });

  test("variables are read as numbers, switches and lists; an empty one counts as absent", async () => {
    const { config } = await load({
      environment: {
        ANYWIRE_ENGINE: "memory",
        ANYWIRE_HTTP_PORT: "0",
        ANYWIRE_HTTP_HOST: "",
        ANYWIRE_SOCKET_COMPRESSION: "true",
        ANYWIRE_HTTP_TRUST_PROXY: "false",
        ANYWIRE_HTTP_CORS_ORIGINS: "https://a.example, http://localhost:*",
        PATH: "/bin",
      },
    });
    expect(config.engine).toBe("memory");
    expect(config.socket.compression).toBe(true);
    expect(config.http).toMatchObject({
      port: 0,
      host: "127.0.0.1",
      trustProxy: false,
      corsOrigins: ["https://a.example", "http://localhost:*"],
    });
  });
});

describe("problems", () => {
  test("all are told at once, with what is allowed, what was found and where it was set", async () => {
    const found = await problems({
      presets: { htpp: 1, data: 5, limits: { maxMesageBytes: 3 } } as ConfigSources["presets"] &
        object,
      environment: {
        ANYWIRE_HTTP_PROT: "1",
        ANYWIRE_LOGGING_LEVEL: "loud",
        ANYWIRE_TOKENS_ALGORITHMS: "ES256,none",
        ANYWIRE_SOCKET_COMPRESSION: "maybe",
        ANYWIRE_HTTP_CORS_ORIGINS: "example.org",
      },
      flags: [{ flag: "--port", field: "http.port", text: "70000" }],
    });
    expect([found].flat().sort()).toEqual([
      "ANYWIRE_HTTP_PROT is unknown. Did you mean ANYWIRE_HTTP_PORT?",
      "data must be a section of fields, not 5",
      "htpp is unknown. Did you mean http?",
      "http.corsOrigins.0 must be * or an origin such as https://app.example.org or http://localhost:* (from ANYWIRE_HTTP_CORS_ORIGINS)",
      "http.port must be a whole number from 0 to 65535, not 70000 (from --port)",
      "limits.maxMesageBytes is unknown. Did you mean limits.maxMessageBytes?",
      "logging.level must be fatal, error, warn, info, debug, trace or silent, not 'loud' (from ANYWIRE_LOGGING_LEVEL)",
      "socket.compression must be true or false, not 'maybe' (from ANYWIRE_SOCKET_COMPRESSION)",
      "tokens.algorithms must be a list of ES256, RS256, EdDSA or HS256, not [ 'ES256', 'none' ] (from ANYWIRE_TOKENS_ALGORITHMS)",
    ]);
  });

  test.each([
    [{ tokens: { algorithms: ["HS256"] } }, /^tokens.secret is needed/],
    [{ tokens: { secret: "x".repeat(32) } }, /^tokens.algorithms must have HS256/],
    [{ tokens: { algorithms: ["HS256"], secret: "short" } }, /^tokens.secret must be at least 32/],
    [{ tokens: { keys: "" } }, /^tokens.keys is empty/],
    [{ tokens: { keys: 5 } }, /^tokens.keys must be a text or \{ file: path \}$/],
    [{ tokens: { jwksUrl: "http://idp.example" } }, /^tokens.jwksUrl must be https/],
    [{ tokens: { jwksUrl: "http://127.0.0.1.example" } }, /^tokens.jwksUrl must be https/],
    [{ tokens: { jwksUrl: "idp" } }, /^tokens.jwksUrl must be a URL/],
    [{ socket: { pongTimeoutMs: 25_000 } }, /^socket.pongTimeoutMs must be less/],
    [{ socket: { maxFrameBytes: 1024 } }, /^limits.maxMessageBytes must not be more than socket/],
    [{ http: { maxBodyBytes: 1024 } }, /^limits.maxMessageBytes must not be more than http/],
    [{ roles: ["edge", "projector"] }, /^roles can't be divided: engine is not cluster/],
    [{ functions: { minWorkers: 5 } }, /^functions.minWorkers must not be more than functions.max/],
    [{ functions: { allowedAddresses: ["10.0.0.0/8", "::1"], maxHops: 0 } }, /^functions.maxHops/],
    [{ functions: { allowedAddresses: ["10.0.0.0/33"] } }, /allowedAddresses.0 must be an IP addr/],
    [{ functions: { secrets: "x" } }, /^functions.secrets must be names with a text or/],
    [
      { functions: { secrets: { "a b": "x" } } },
      /^functions.secrets: the name .a b. must be 1 to 64 letters/,
    ],
    [{ functions: { secrets: { stripe: "" } } }, /^functions.secrets.stripe is empty$/],
    [{ telemetry: { otlpUrl: "ftp://x" } }, /^telemetry.otlpUrl must be a URL/],
  ])("%j is refused", async (presets, message) => {
    expect(await problems({ presets: presets as object })).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test("a file that is missing, broken, ambiguous or no configuration is refused by its name", async () => {
    expect(await problems({ file: "nowhere.ts" })).toEqual([
      `there is no configuration file ${join(directory, "nowhere.ts")}`,
    ]);
    await writeConfig("broken.mjs", "throw new Error('no network');");
    expect(await problems({ file: "broken.mjs" })).toEqual([
      expect.stringMatching(/broken.mjs can't be loaded: no network/),
    ]);
    await writeConfig("broken.json", "{");
    expect(await problems({ file: "broken.json" })).toEqual([
      expect.stringMatching(/can't be read as JSON/),
    ]);
    await writeConfig("empty.mjs", "export const http = {};");
    expect(await problems({ file: "empty.mjs" })).toEqual([
      expect.stringMatching(/must export an object/),
    ]);
    const two = [
      await writeConfig("anywire.config.js", ""),
      await writeConfig("anywire.config.json", "{}"),
    ];
    expect(await problems({})).toEqual([expect.stringMatching(/more than one configuration file/)]);
    for (const path of two) await rm(path);
  });
});

describe("secrets", () => {
  const secret = "correct horse battery staple, 32+";

  test("can be a text or a file, and never print", async () => {
    const file = await writeConfig("secret.txt", `${secret}\n`);
    const environment = { ANYWIRE_TOKENS_ALGORITHMS: "HS256", ANYWIRE_TOKENS_SECRET_FILE: file };
    const { config } = await load({ environment });
    expect(config.tokens.secret?.reveal()).toBe(secret);
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      `${config.tokens.secret}`,
    ];
    for (const text of shown) expect(text).toContain("***");
    expect(shown.join()).not.toContain("horse");
  });

  test("a file that can't be read is a problem like any other, without its content", async () => {
    const found = await problems({
      environment: {
        ANYWIRE_TOKENS_ALGORITHMS: "HS256",
        ANYWIRE_TOKENS_SECRET_FILE: "/nowhere/secret",
        ANYWIRE_HTTP_PORT: "x",
      },
    });
    expect(found).toEqual([
      "http.port must be a whole number from 0 to 65535, not 'x' (from ANYWIRE_HTTP_PORT)",
      "tokens.secret is in the file /nowhere/secret, which can't be read (ENOENT) (from ANYWIRE_TOKENS_SECRET_FILE)",
    ]);
  });

  test("can be many by name, in a variable as JSON", async () => {
    const file = await writeConfig("stripe.txt", `${secret}\n`);
    const environment = {
      ANYWIRE_FUNCTIONS_SECRETS: JSON.stringify({ stripe: { file }, crm: "s3cr3t" }),
    };
    const { config } = await load({ environment });
    const { secrets } = config.functions;
    expect([secrets["stripe"]?.reveal(), secrets["crm"]?.reveal()]).toEqual([secret, "s3cr3t"]);
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 })]) {
      expect(shown).not.toMatch(/horse|s3cr3t/);
    }
    expect(await problems({ environment: { ANYWIRE_FUNCTIONS_SECRETS: "{s3cr3t" } })).toEqual([
      "functions.secrets must be names with a text or { file: path } each (from ANYWIRE_FUNCTIONS_SECRETS)",
    ]);
  });
});
