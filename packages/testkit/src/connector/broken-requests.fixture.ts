import type { InboundEvent } from "@anywire/connectors";
import { z } from "zod";
import { type Broken, changing, having, verifying } from "./broken-parrot.fixture.ts";
import { parrot, parrotFixtures } from "./parrot.fixture.ts";

const { edit: _, ...withoutEdit } = parrot;
const [first] = parrotFixtures;
const anyone = { isGenuine: true } as const;
let count = 0;
const _latest = 0;

/** For each rule about declarations and requests, connectors that break it. */
export const brokenRequests: Readonly<Record<string, readonly Broken[]>> = {
  "says who it is: id, version, name, network, address kinds": [
    having({ addressKinds: [] }, /addressKinds is empty/),
    having({ id: "Parrot One" }, /id "?'?Parrot One/),
    having({ version: "one" }, /semantic version/),
    having({ alsoReaches: { ring: "phone" } }, /alsoReaches ring/),
  ],
  "has a channel type of its network, the built-in one where there is one": [
    having({ channelType: { ...parrot.channelType, network: "x" } }, /channelType.network/),
    having(
      { network: "sms", channelType: { ...parrot.channelType, name: "sms", network: "sms" } },
      /built in/,
    ),
    having({ channelType: { ...parrot.channelType, name: "a.b" } }, /can't be declared/),
  ],
  "describes every setting and every secret": [
    having({ configSchema: z.strictObject({ url: z.string() }) }, /setting url has no description/),
    having({ secrets: [{ name: "token", description: "", isRequired: true }] }, /secret token/),
    having({ secrets: [{ name: "url", description: "x", isRequired: true }] }, /both a setting/),
  ],
  "frees no setting that leads to the network": [
    having({ freeSettings: ["perch"] }, /there is no such setting/),
    having({ freeSettings: ["url"] }, /url, which is a place/),
    having(
      {
        freeSettings: ["perch"],
        configSchema: z.strictObject({
          url: z.string().describe("Where the parrots are."),
          perch: z.url().optional().describe("Where they could be."),
        }),
      },
      /perch, which is a place/,
    ),
  ],
  "declares a policy and limits that the host can keep": [
    having({ policy: { ...parrot.policy, notes: "" } }, /policy.notes/),
    having(
      { policy: { ...parrot.policy, keywords: { out: ["STOP"], in: [], help: [] } } },
      /small/,
    ),
    having({ limits: [{ scope: "sender", rate: 0, perMs: 1, unit: "message" }] }, /rate above 0/),
  ],
  "declares capabilities that suit its abilities": [
    { connector: withoutEdit, words: /no edit\(\)/ },
    having({ policy: { ...parrot.policy, templatesOutside: true } }, /templatesOutside/),
  ],
  "refuses settings that are no object": [
    having({ configSchema: z.object({ url: z.string() }) }, /strictObject/),
  ],
  "tells of each recorded request exactly what the fixture says": [
    changing(() => ({ at: 1 }), /something else of fixture "a parrot speaks"/),
    changing(() => ({ sender: { addresses: ["phone:+1"] } }), /something else/),
    having({}, /no fixtures/, { fixtures: [] }),
  ],
  "tells the same of the same request, whatever came before it": [
    changing(() => ({ at: ++count }), /the second time/),
  ],
  "reads a request without the network, and changes nothing of it": [
    having(
      {
        parse: async (request, context) => {
          await fetch("http://127.0.0.1:40123/").catch(() => undefined);
          return parrot.parse(request, context);
        },
      },
      /called the network with fixture "a parrot speaks"/,
    ),
    having(
      {
        parse: async (request, context) => {
          const events = await parrot.parse(request, context);
          request.body.fill(0);
          return events;
        },
      },
      /was changed/,
    ),
  ],
  "reads what was stored: a request without the headers that authenticate somebody": [
    having(
      {
        parse: async (request, context) => {
          if (request.headers["x-parrot-token"] === undefined) throw new Error("no token");
          return parrot.parse(request, context);
        },
      },
      /no token/,
      {
        fixtures: parrotFixtures.map((fixture) => ({
          ...fixture,
          request: {
            ...fixture.request,
            headers: { ...fixture.request.headers, "x-parrot-token": "t" },
          },
        })),
      },
    ),
  ],
  "gives different events different ids": [
    having({}, /two different messages have the id m-1/, {
      fixtures: parrotFixtures.flatMap((fixture) => [
        fixture,
        { ...fixture, events: fixture.events?.map((event) => ({ ...event, at: 7 })) },
      ]),
    }),
  ],
  "takes genuine requests for genuine, and refuses those that its fixtures call forged": [
    verifying(() => () => anyone, /takes "a forged one"/),
    having({}, /no fixture is forged/, { fixtures: parrotFixtures.slice(0, 1) }),
    verifying(() => () => ({ isGenuine: false, reason: "no" }), /refuses "a parrot speaks"/),
  ],
  "refuses a request of which one byte was changed, or the token that came with it": [
    verifying(() => () => anyone, /with another body/),
    verifying(
      (verify) => (request, context) => {
        // Looks at the beginning alone.
        const whole = new TextEncoder().encode(first?.request.body);
        const body = request.body.slice();
        if (body.length === whole.length) body.set(whole.subarray(60), 60);
        return verify({ ...request, body }, context);
      },
      /look at the whole body/,
    ),
  ],
  "refuses a request without its signature or token": [
    verifying(
      (verify) => (request, context) =>
        "x-parrot-signature" in request.headers ? verify(request, context) : anyone,
      /without any signature/,
    ),
  ],
  "refuses everything when there is no secret, or an empty one": [
    verifying(
      (verify) => (request, context) =>
        context.secrets["signingSecret"]?.length ? verify(request, context) : anyone,
      /without a secret nobody can be told/,
    ),
  ],
  "takes what is signed with the secret before the last one while that holds, and refuses it afterwards":
    [
      verifying(
        (verify) => (request, context) =>
          verify(request, {
            ...context,
            secrets: { signingSecret: context.secrets["signingSecret"]?.slice(0, 1) ?? [] },
          }),
        /second of two secrets/,
      ),
      verifying(
        (verify) => (request, context) =>
          verify(request, { ...context, secrets: first?.secrets ? listed(first.secrets) : {} }),
        /no longer holds/,
      ),
    ],
  "refuses a signed time that is a day old, or a day ahead": [
    verifying(
      (verify) => (request, context) =>
        verify(request, {
          ...context,
          now: () => Number(request.headers["x-parrot-timestamp"] ?? context.now()),
        }),
      /a day old/,
    ),
  ],
  "refuses noise, and is not thrown off by it": [
    verifying(
      (verify) => (request, context) => {
        if (!request.headers["x-parrot-signature"]) throw new Error("no signature");
        return verify(request, context);
      },
      /must give a verdict on random bytes.*no signature/,
    ),
    verifying(
      (verify) => (request, context) =>
        request.body.length === 0 ? anyone : verify(request, context),
      /takes an empty request/,
    ),
  ],
  "throws for what is no request of the network, or ignores it, and makes nothing up": [
    having(
      {
        parse: async (request, context) =>
          parrot.parse(request, context).catch(() => [{ type: "message" } as InboundEvent]),
      },
      /made something up of random bytes/,
    ),
    having(
      {
        parse: async (request, context) =>
          parrot.parse(request, context).catch(() => new Promise<never>(() => undefined)),
      },
      /took longer than/,
    ),
  ],
  "makes nothing up where a recorded request has other values than it should": [
    having(
      {
        parse: async ({ body }) => {
          const { at, id, from, text } = JSON.parse(Buffer.from(body).toString());
          return [
            {
              type: "message",
              at,
              externalId: id,
              sender: { addresses: [`parrot:${from}`] },
              text,
            },
          ];
        },
      },
      /made something up of null at \/at/,
    ),
  ],
};

function listed(secrets: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, [value]]));
}
