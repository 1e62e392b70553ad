import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { expect, onTestFinished, test } from "vitest";
import {
  createHttpConnector,
  httpDefinitionSchema,
} from "../packages/connectors/src/http/index.ts";
import { connectorStarter } from "../packages/server/src/cli/connectors/connector-starter.ts";
import { configSchema } from "../packages/server/src/config/config.ts";
import { connectorRules } from "../packages/testkit/src/connector-rules.ts";

const GUIDES = {
  own: readFileSync("docs/connectors/write-your-own.md", "utf8"),
  http: readFileSync("docs/connectors/http.md", "utf8"),
  chatSdk: readFileSync("docs/connectors/chat-sdk.md", "utf8"),
};
const ALL = Object.values(GUIDES).join("\n");

/** Blocks of TypeScript that name their file. */
function blocksOf(guide: string): readonly (readonly [file: string, code: string])[] {
  return [...guide.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(([, file = "", code = ""]) => [
    file,
    code,
  ]);
}

const QUOTES = blocksOf(GUIDES.own).filter(([file]) => file.startsWith("packages/"));

test.each(QUOTES)("what the guide shows of %s stands there, letter for letter", (file, code) => {
  expect(readFileSync(file, "utf8")).toContain(code);
});

test("the worked example is as short as the guide says", () => {
  expect(QUOTES.length).toBeGreaterThan(4);
  const [, lines = ""] = /under (\d+) lines/.exec(GUIDES.own) ?? [];
  const source = readFileSync("packages/connectors/src/pigeon/pigeon.ts", "utf8");
  expect(source.trimEnd().split("\n").length).toBeLessThan(Number(lines));
});

test("every rule that the guide names is one", () => {
  const [, list = ""] = /## The rules\n.*?\n\n((?:- .*\n)+)/s.exec(GUIDES.own) ?? [];
  const named = [...list.matchAll(/^- (.*)$/gm)].map(([, rule]) => rule);
  expect(named.length).toBeGreaterThan(5);
  expect(connectorRules.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
});

test("the smallest description of an HTTP network is complete", () => {
  const [, json = ""] = /```json\n(.*?)```/s.exec(GUIDES.http) ?? [];
  expect(createHttpConnector(JSON.parse(json)).id).toBe("gateway");
});

test("the guide names every field of a description", () => {
  const schema = httpDefinitionSchema.toJSONSchema({ io: "input" }) as Schema;
  const { properties = {} } = schema;
  const fields = [
    ...Object.keys(properties),
    ...Object.keys(properties["send"]?.properties ?? {}),
    ...Object.keys(properties["policy"]?.properties ?? {}),
    ...Object.keys(properties["webhook"]?.properties ?? {}),
  ];
  expect(fields.filter((field) => !GUIDES.http.includes(`\`${field}\``))).toEqual([]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

test("what the guides configure the server takes", () => {
  const configs = blocksOf(ALL).filter(([file]) => file === "anywire.config.ts");
  expect(configs.length).toBe(3);
  for (const [, code] of configs) {
    const [, modules = ""] = /modules: (\[.*?\])/.exec(code) ?? [];
    const config = { connectors: { modules: JSON.parse(modules) } };
    expect(configSchema.safeParse(config).error).toBeUndefined();
  }
});

test("the code of the guides, and a connector to begin with, fit the types", {
  timeout: 120_000,
}, () => {
  const directory = mkdtempSync(join(tmpdir(), "anywire-connectors-guide-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  symlinkSync(resolve("node_modules"), join(directory, "node_modules"));
  const guided = blocksOf(GUIDES.chatSdk).filter(([file]) => file.startsWith("connectors/"));
  const begun = connectorStarter("carrier-owl").map(
    ({ name, text }) => [`new/${name}`, text] as const,
  );
  const files = [...guided, ...begun].map(([file, code]) => {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
    return path;
  });
  const program = ts.createProgram({
    rootNames: files,
    options: {
      target: ts.ScriptTarget.ES2024,
      lib: ["lib.es2024.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      types: ["node"],
      typeRoots: [resolve("node_modules/@types")],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      customConditions: ["@anywire/source"],
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: true,
    },
  });
  const problems = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ messageText }) => [file, ts.flattenDiagnosticMessageText(messageText, " ")]);
  });
  expect(problems).toEqual([]);
});
