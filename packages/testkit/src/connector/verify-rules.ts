import { randomBytes } from "node:crypto";
import {
  type ConnectionContext,
  type Fixture,
  isListening,
  type WebhookRequest,
} from "@anywire/connectors";
import type { ConnectorRule, ConnectorSubject } from "./connector-rule.ts";
import { expectThat, show, within, wordsOf } from "./expect-that.ts";
import { fixtureContext, fixtureRequest, fixturesOf } from "./fixture-context.ts";

const DAY_MS = 86_400_000;
/** Headers that every client sends: in any other one a proof of origin may stand. */
const PLAIN = /^(accept.*|connection|content-(length|type|encoding)|host|user-agent)$/;

/** How a connector tells its network from everybody else. */
export const verifyRules: readonly ConnectorRule[] = [
  {
    name: "takes genuine requests for genuine, and refuses those that its fixtures call forged",
    run: async (subject) => {
      const fixtures = await fixturesOf(subject);
      for (const fixture of fixtures) {
        const isGenuine = await takes(subject, fixture);
        if (fixture.events === undefined) {
          expectThat(!isGenuine, `verify takes "${fixture.name}", which must be refused`);
        } else if (!isListening(subject.connector)) {
          expectThat(isGenuine, `verify refuses "${fixture.name}", which is genuine`);
        }
      }
      return forEachTaken(subject, async () =>
        expectThat(
          fixtures.some(({ events }) => events === undefined),
          "no fixture is forged; give one without `events`, which verify has to refuse",
        ),
      );
    },
  },
  {
    name: "refuses a request of which one byte was changed, or the token that came with it",
    run: (subject) =>
      forEachTaken(subject, async (fixture) => {
        const refused = await refusedChanges(subject, fixture);
        if (refused === "all") return;
        expectThat(
          refused === "none",
          `verify takes "${fixture.name}" with a byte changed in one place, and refuses it in another; look at the whole body`,
        );
        // A network that signs nothing sends a token along: then that must be looked at.
        const proofs = proofsOf(fixture);
        for (const name of proofs) {
          const headers = {
            ...fixture.request.headers,
            [name]: `${fixture.request.headers[name]}x`,
          };
          if (!(await takes(subject, fixture, { headers }))) return;
        }
        const url = fixture.request.url.replace(/\?.*$/, "");
        if (url !== fixture.request.url && !(await takes(subject, fixture, { url }))) return;
        throw new Error(
          `verify takes "${fixture.name}" with another body, and does not mind another value of ${show(proofs)} either: anybody could make such a request`,
        );
      }),
  },
  {
    name: "refuses a request without its signature or token",
    run: (subject) =>
      forEachTaken(subject, async (fixture) => {
        const headers = Object.fromEntries(
          Object.entries(fixture.request.headers).filter(([name]) => PLAIN.test(name)),
        );
        const url = fixture.request.url.replace(/\?.*$/, "");
        const body = /signature|token/i.test(fixture.request.body)
          ? new TextEncoder().encode(
              fixture.request.body.replaceAll(/signature|token/gi, "nothing"),
            )
          : fixtureRequest(fixture).body;
        expectThat(
          !(await takes(subject, fixture, { headers, url, body })),
          `verify takes "${fixture.name}" without any signature or token`,
        );
      }),
  },
  {
    name: "refuses everything when there is no secret, or an empty one",
    run: (subject) =>
      forEachTaken(subject, async (fixture) => {
        for (const values of [[], [""]]) {
          const secrets = secretsOf(fixture, () => values);
          expectThat(
            !(await takes(subject, fixture, {}, { secrets })),
            `verify takes "${fixture.name}" with the secrets ${show(secrets)}; without a secret nobody can be told from anybody`,
          );
        }
      }),
  },
  {
    name: "takes what is signed with the secret before the last one while that holds, and refuses it afterwards",
    run: (subject) =>
      forEachTaken(subject, async (fixture) => {
        const both = secretsOf(fixture, (value) => [otherSecret(value), value]);
        expectThat(
          await takes(subject, fixture, {}, { secrets: both }),
          `verify refuses "${fixture.name}", signed with the second of two secrets that hold; try each of context.secrets`,
        );
        const after = secretsOf(fixture, (value) => [otherSecret(value)]);
        expectThat(
          !(await takes(subject, fixture, {}, { secrets: after })),
          `verify takes "${fixture.name}", signed with a secret that no longer holds`,
        );
      }),
  },
  {
    name: "refuses a signed time that is a day old, or a day ahead",
    run: async (subject) => {
      if (!(await fixturesOf(subject)).some(carriesTime)) return "no fixture carries a signed time";
      return forEachTaken(subject, async (fixture) => {
        if (!carriesTime(fixture)) return;
        for (const shiftMs of [DAY_MS, -DAY_MS]) {
          const now = (): number => fixture.now + shiftMs;
          expectThat(
            !(await takes(subject, fixture, {}, { now })),
            `verify takes "${fixture.name}", whose time is ${shiftMs > 0 ? "a day old" : "a day ahead"} of context.now(); refuse what is beyond the network's own bound, so that nothing can be replayed`,
          );
        }
      });
    },
  },
  {
    name: "refuses noise, and is not thrown off by it",
    run: async (subject) => {
      for (const fixture of await fixturesOf(subject)) {
        for (const [what, request] of noise(fixture)) {
          const isGenuine = await takes(subject, fixture, request).catch((error: unknown) => {
            throw new Error(`verify must give a verdict on ${what}, and threw: ${wordsOf(error)}`);
          });
          expectThat(!isGenuine, `verify takes ${what} for a genuine request`);
        }
      }
    },
  },
];

function noise(fixture: Fixture): readonly (readonly [string, Partial<WebhookRequest>])[] {
  const names = [...proofsOf(fixture), "authorization", "x-signature"];
  const all = (value: string): Record<string, string> => ({
    ...fixture.request.headers,
    ...Object.fromEntries(names.map((name) => [name, value])),
  });
  const url = fixture.request.url.replace(/\?.*$/, "");
  const body = new Uint8Array(randomBytes(512));
  return [
    ["random bytes without headers", { headers: {}, url, body }],
    ["an empty request", { headers: {}, url, body: new Uint8Array() }],
    ["a signature of 100,000 characters", { headers: all("a".repeat(100_000)), url, body }],
    ["a signature in letters of no alphabet", { headers: all("sha256=\u0000é💥"), url, body }],
    ["an empty signature", { headers: all(""), url, body }],
    ["a GET without a query", { method: "GET", headers: {}, url, body: new Uint8Array() }],
    ["a broken URL", { headers: {}, url: "http://%%%/?%ff=%", body }],
  ];
}

/** Which changes of one byte are refused. */
async function refusedChanges(
  subject: ConnectorSubject,
  fixture: Fixture,
): Promise<"all" | "some" | "none"> {
  const { body } = fixtureRequest(fixture);
  if (body.length === 0) return "none";
  const changes = changesOf(body);
  let refused = 0;
  for (const changed of changes) {
    if (!(await takes(subject, fixture, { body: changed }))) refused += 1;
  }
  if (refused === 0) return "none";
  return refused === changes.length ? "all" : "some";
}

/** The body with one byte changed: near its beginning, its middle and its end. JSON stays JSON, so that only a signature can tell. */
function changesOf(body: Uint8Array): readonly Uint8Array[] {
  const all = Array.from(body, (byte, place) => {
    const changed = body.slice();
    changed[place] = byte ^ 1;
    return changed;
  }).filter((changed) => !isJson(body) || isJson(changed));
  return [all[0], all[all.length >> 1], all.at(-1)].filter((changed) => changed !== undefined);
}

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return true;
  } catch {
    return false;
  }
}

function carriesTime({ request }: Fixture): boolean {
  return Object.entries(request.headers).some(
    ([name, value]) =>
      /timestamp|request-time/i.test(name) || (!PLAIN.test(name) && /(^|,)\s*t=\d{10}/.test(value)),
  );
}

function proofsOf({ request }: Fixture): readonly string[] {
  return Object.keys(request.headers).filter((name) => !PLAIN.test(name));
}

function secretsOf(
  { secrets }: Fixture,
  change: (value: string) => readonly string[],
): ConnectionContext["secrets"] {
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, change(value)]));
}

/** Another secret of the same shape. */
export function otherSecret(secret: string): string {
  return secret.replaceAll(/[0-9a-zA-Z]/g, (letter) => {
    if (/\d/.test(letter)) return String((Number(letter) + 1) % 10);
    if (/[zZ]/.test(letter)) return letter === "z" ? "a" : "A";
    return String.fromCharCode(letter.charCodeAt(0) + 1);
  });
}

async function takes(
  subject: ConnectorSubject,
  fixture: Fixture,
  request: Partial<WebhookRequest> = {},
  context: Partial<ConnectionContext> = {},
): Promise<boolean> {
  const { connector } = subject;
  const verdict = await within(
    5_000,
    "verify",
    connector.verify(fixtureRequest(fixture, request), fixtureContext(subject, fixture, context)),
  );
  expectThat(typeof verdict?.isGenuine === "boolean", `verify gave ${show(verdict)}, no verdict`);
  return verdict.isGenuine;
}

/** The genuine fixtures that come as webhooks: what a connector hears by listening is not verified. Why it says nothing where all do so. */
async function forEachTaken(
  subject: ConnectorSubject,
  look: (fixture: Fixture) => Promise<void>,
): Promise<string | undefined> {
  const fixtures = await fixturesOf(subject);
  let taken = 0;
  for (const fixture of fixtures) {
    if (fixture.events === undefined || !(await takes(subject, fixture))) continue;
    taken += 1;
    await look(fixture);
  }
  if (taken > 0) return undefined;
  expectThat(
    isListening(subject.connector),
    "verify takes none of the genuine fixtures, so nothing can be said of it",
  );
  return "verify takes none of the genuine fixtures: it hears by listening alone";
}
