import { randomBytes } from "node:crypto";
import type { Fixture, WebhookRequest } from "@anywire/connectors";
import { problemsOf } from "./check-event.ts";
import type { ConnectorRule, ConnectorSubject } from "./connector-rule.ts";
import { expectThat, within, wordsOf } from "./expect-that.ts";
import { fixtureContext, fixtureRequest, fixturesOf } from "./fixture-context.ts";

/** What a connector makes of what no network should send. */
export const garbageRules: readonly ConnectorRule[] = [
  {
    name: "throws for what is no request of the network, or ignores it, and makes nothing up",
    run: async (subject) => {
      for (const fixture of await fixturesOf(subject)) {
        for (const [what, over] of garbage(fixture)) {
          await parseGarbage(subject, fixture, what, fixtureRequest(fixture, over));
        }
      }
    },
  },
  {
    name: "makes nothing up where a recorded request has other values than it should",
    run: async (subject) => {
      for (const fixture of await fixturesOf(subject)) {
        for (const [what, body] of twisted(fixture.request.body)) {
          const request = fixtureRequest(fixture, { body: new TextEncoder().encode(body) });
          await parseGarbage(subject, fixture, what, request);
        }
      }
    },
  },
];

async function parseGarbage(
  subject: ConnectorSubject,
  fixture: Fixture,
  what: string,
  request: WebhookRequest,
): Promise<void> {
  const named = `${what} in the place of "${fixture.name}"`;
  const parsing = (async () =>
    subject.connector.parse(request, fixtureContext(subject, fixture)))().catch(
    (error: unknown) => {
      expectThat(error instanceof Error, `parse threw what is no Error for ${named}`);
      checkSecrets(fixture, wordsOf(error), named);
      return undefined;
    },
  );
  const events = await within(5_000, `parse of ${named}`, parsing);
  if (events === undefined) return;
  expectThat(Array.isArray(events), `parse gave no list of events for ${named}`);
  const problems = events.flatMap((event) => problemsOf(event, subject.connector));
  expectThat(
    problems.length === 0,
    `parse made something up of ${named}: ${problems.join("; ")}; check the shape of what comes in, and throw or say ignored`,
  );
}

function checkSecrets({ secrets }: Fixture, words: string, what: string): void {
  for (const [name, value] of Object.entries(secrets)) {
    expectThat(
      value.length < 6 || !words.includes(value),
      `the error of parse for ${what} tells the secret ${name}`,
    );
  }
}

function garbage(fixture: Fixture): readonly (readonly [string, Partial<WebhookRequest>])[] {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const type = (mime: string): Record<string, string> => ({
    ...fixture.request.headers,
    "content-type": mime,
  });
  const isGet = fixture.request.method === "GET";
  const url = isGet ? fixture.request.url.replace(/\?.*$/, "") : fixture.request.url;
  const bodies: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["null", "null"],
    ["a number", "7"],
    ["an empty object", "{}"],
    ["an empty list", "[]"],
    ["a list of nothing", "[null,null]"],
    ["half of itself", fixture.request.body.slice(0, fixture.request.body.length >> 1)],
    ["another shape", '{"data":{"items":[{"id":null,"text":{"a":1}}]},"type":"event","at":"now"}'],
    ["a list 5,000 deep", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
    ["an object 5,000 deep", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`],
    ["half a surrogate pair", '{"text":"\\ud83d","message":{"text":"\\udc00"}}'],
    ["a poisoned prototype", '{"__proto__":{"text":"x"},"constructor":{"prototype":{}}}'],
    ["a page of HTML", "<!doctype html><title>502 Bad Gateway</title><h1>nginx</h1>"],
    ["a long line", "a".repeat(1_000_000)],
    ["many fields", Array.from({ length: 5_000 }, (_, index) => `a${index}=1`).join("&")],
  ];
  return [
    ["random bytes", { body: new Uint8Array(randomBytes(4096)), url }],
    ...bodies.map(([what, text]) => [what, { body: bytes(text), url }] as const),
    ["the wrong content type", { headers: type("image/png") }],
    ["no content type", { headers: {} }],
    ["a broken multipart", { headers: type("multipart/form-data; boundary="), body: bytes("--") }],
    ["no query", { url: fixture.request.url.replace(/\?.*$/, "") }],
  ];
}

const OTHER_VALUES = [null, 0, -1, 1e300, "", "\u0000", [], {}, true, "x".repeat(2_000)] as const;

/** The body with each of its values replaced, one at a time. Nothing where it is neither JSON nor a form. */
function twisted(body: string): Iterable<readonly [string, string]> {
  const json = parseJson(body);
  if (json !== undefined) return twistedJson(json);
  return /^[\w.%+-]+=/.test(body) ? twistedForm(body) : [];
}

function* twistedJson(json: object): Generator<readonly [string, string]> {
  for (const path of pathsOf(json).slice(0, 120)) {
    for (const value of OTHER_VALUES) {
      const what = `${JSON.stringify(value).slice(0, 20)} at /${path.join("/")}`;
      yield [what, put(json, path, value)];
    }
  }
}

function* twistedForm(body: string): Generator<readonly [string, string]> {
  for (const name of new Set(new URLSearchParams(body).keys())) {
    for (const value of [undefined, "", "x", "-1", "\u0000", "x".repeat(2_000)]) {
      const form = new URLSearchParams(body);
      if (value === undefined) form.delete(name);
      else form.set(name, value);
      yield [`${String(value).slice(0, 20)} as ${name}`, form.toString()];
    }
  }
}

function parseJson(body: string): object | undefined {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === "object" && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function put(json: object, path: readonly string[], value: unknown): string {
  const copy = structuredClone(json) as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
  return JSON.stringify(copy);
}
