import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Environment } from "../config/environment.ts";
import { startCli } from "./start-cli.fixture.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-cli-"));
});

afterEach(() => rm(directory, { recursive: true }));

async function run(
  args: readonly string[],
  environment: Environment = {},
): Promise<{ code: number; out: string; err: string }> {
  const environmentWithData = { ANYWIRE_DATA_DIRECTORY: directory, ...environment };
  const started = startCli(args, { directory, environment: environmentWithData });
  const code = await started.exitCode;
  return { code, out: started.out.join("\n"), err: started.err.join("\n") };
}

describe("token", () => {
  beforeEach(() => run(["keys", "add"]));

  test("prints nothing but the token, good for the whole platform for a day", async () => {
    const { code, out, err } = await run(["token", "--account", "bob"]);
    expect([code, err]).toEqual([0, ""]);
    const { iat = 0, exp = 0, ...claims } = decodeJwt(out);
    expect(exp - iat).toBe(86_400);
    expect(claims).toEqual({
      sub: "bob",
      platform: "production",
      subscribe: ["production.>", "production.connection.*"],
      publish: ["production.>"],
      manage: ["production.>", "production.connection.*"],
    });
  });

  test("takes platform, lifetime and patterns; a pattern option without values allows nothing", async () => {
    const args = ["token", "--account", "bob", "--platform", "staging", "--ttl", "30m"];
    const { out } = await run([
      ...args,
      "--subscribe",
      "staging.a.*",
      "staging.b.*",
      "--manage",
      "--publish",
    ]);
    const { iat = 0, exp = 0, ...claims } = decodeJwt(out);
    expect(exp - iat).toBe(1800);
    expect(claims).toMatchObject({
      platform: "staging",
      subscribe: ["staging.a.*", "staging.b.*"],
      publish: [],
      manage: [],
    });
  });

  test("as JSON says what it is and when it runs out", async () => {
    const { out } = await run(["token", "--account", "bob", "--json"]);
    const { token, ...rest } = JSON.parse(out);
    expect(rest).toEqual({ account: "bob", platform: "production", expiresAt: expect.any(Number) });
    expect(Math.abs((decodeJwt(token).exp ?? 0) * 1000 - rest.expiresAt)).toBeLessThan(2000);
  });

  test.each([
    [["token"], /required option '--account <name>' not specified/],
    [["token", "--account", "bob", "--ttl", "soon"], /Write a number and s, m, h, d or w/],
    [
      ["token", "--account", "bob", "--tll", "1h"],
      /unknown option '--tll' \(Did you mean --ttl\?\)/,
    ],
  ])("%j is a wrong use", async (args, message) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });

  test("an account that can't be one is refused", async () => {
    const { code, err } = await run(["token", "--account", "bob smith"]);
    expect(code).toBe(1);
    expect(err).toMatch(/^anywire: such a token can't be made: sub must be/);
  });
});

test("without a key, token says how to get one", async () => {
  const { code, out, err } = await run(["token", "--account", "bob"]);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(
    /^anywire: there is no key to sign tokens with in .*: start `anywire dev` once/,
  );
});

// What a server refused with was printed as it came: a function's reason could clear the screen.
test("what an error says can't control the terminal; its lines stay lines", async () => {
  const args = ["publish", "production.group.lobby", "hi", "--url", "\u001b[2Jred\nsecond"];
  const { code, err } = await run(args);
  expect([code, err]).toEqual([
    2,
    "anywire: \\u001b[2Jred\nsecond is not a URL of a server; write one such as http://127.0.0.1:4000",
  ]);
});

test("start refuses to run without a key", async () => {
  const { code, err } = await run(["start"]);
  expect(code).toBe(2);
  expect(err).toMatch(
    /^anywire: there is no key to check tokens with: make one with `anywire keys add/,
  );
});

describe("keys", () => {
  test("are added, listed with the signing one first, and removed", async () => {
    await run(["keys", "add"]);
    const { out: two } = await run(["keys", "add", "--json"]);
    const { keys } = JSON.parse(two);
    expect(keys).toEqual([
      { kid: expect.any(String), algorithm: "ES256", signs: true },
      { kid: expect.any(String), algorithm: "ES256", signs: false },
    ]);
    const [fresh, old] = keys;
    expect((await run(["keys", "list"])).out.split("\n")).toEqual([
      `${fresh.kid}  ES256  signs and checks`,
      `${old.kid}  ES256  checks`,
    ]);
    expect((await run(["keys", "remove", fresh.kid])).err).toMatch(/is the key that signs/);
    expect((await run(["keys", "remove", "none"])).err).toMatch(/no key named "none"/);
    expect((await run(["keys", "remove", old.kid])).out).toBe(
      `${fresh.kid}  ES256  signs and checks`,
    );
  });

  test("that are configured elsewhere are not touched", async () => {
    await run(["keys", "add"]);
    const environment = { ANYWIRE_TOKENS_KEYS_FILE: join(directory, "keys.json") };
    const { code, err } = await run(["keys", "add"], environment);
    expect([code, err]).toEqual([
      2,
      "anywire: the keys are configured as tokens.keys; change them there",
    ]);
  });
});

describe("config", () => {
  test("check finds a good configuration good", async () => {
    const { code, out } = await run(["config", "check"]);
    expect([code, out]).toEqual([0, expect.stringContaining("The configuration is good")]);
  });

  test("check tells all problems and ends with 2", async () => {
    const environment = { ANYWIRE_HTTP_PROT: "1", ANYWIRE_ENGINE: "x" };
    const { code, out, err } = await run(["config", "check", "--port", "x"], environment);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/has 3 problems:\n.*ANYWIRE_HTTP_PROT is unknown/);
    expect(err).toMatch(/http.port must be .*from --port/);
    expect(err).toMatch(/engine must be embedded, memory or cluster/);
  });

  test("print shows what holds, where it comes from, and no secret", async () => {
    await writeFile(join(directory, "c.json"), JSON.stringify({ limits: { maxDepth: 7 } }));
    const environment = {
      ANYWIRE_TOKENS_ALGORITHMS: "HS256",
      ANYWIRE_TOKENS_SECRET: "correct horse battery staple, 32+",
    };
    const args = ["config", "print", "--config", "c.json", "--port", "1"];
    const { out } = await run(args, environment);
    expect(out).toContain("http.port = 1  # --port");
    expect(out).toContain(`limits.maxDepth = 7  # ${join(directory, "c.json")}`);
    expect(out).toContain("tokens.secret = ***  # ANYWIRE_TOKENS_SECRET");
    expect(out).toContain("tokens.issuer = (not set)  # default");
    const asJson = JSON.parse((await run([...args, "--json"], environment)).out);
    expect([asJson.http.port, asJson.tokens.secret]).toEqual([1, "***"]);
  });

  test("docs prints the reference", async () => {
    expect((await run(["config", "docs"])).out).toMatch(/^# Configuration\n/);
    const { sections } = JSON.parse((await run(["config", "docs", "--json"])).out);
    expect(sections.length).toBeGreaterThan(5);
  });
});

describe("errors", () => {
  test("are JSON when JSON is asked for", async () => {
    const { err } = await run(["token", "--account", "bob", "--json"]);
    expect(JSON.parse(err)).toEqual({
      error: { exitCode: 1, message: expect.stringContaining("there is no key") },
    });
  });

  test("have a stack and causes only when asked for", async () => {
    await writeFile(join(directory, "keys.json"), "{}");
    const args = ["token", "--account", "bob"];
    expect((await run(args)).err.split("\n")).toHaveLength(1);
    expect((await run([...args, "--verbose"])).err).toMatch(/\n.* at .*\ncaused by AnywireError/);
  });

  test("an unknown command is a wrong use, with the nearest one named", async () => {
    const { code, err } = await run(["tial"]);
    expect([code, err]).toEqual([
      2,
      "anywire: unknown command 'tial' (Did you mean tail?). See `anywire --help`.",
    ]);
  });

  test("no command at all shows the help and is a wrong use", async () => {
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^Usage: anywire/);
  });
});

describe("help", () => {
  test.each([[["--help"]], [["help", "token"]], [["token", "--help"]], [["keys", "add", "-h"]]])(
    "%j goes to standard output and ends with 0",
    async (args) => {
      const { code, out, err } = await run(args);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toMatch(/^Usage: anywire/);
    },
  );
});
