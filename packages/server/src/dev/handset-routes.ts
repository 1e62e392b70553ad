import type { Handset } from "@anywire/connectors";
import {
  AnywireError,
  handsetDraftRequestSchema,
  handsetFaultRequestSchema,
  handsetIdentityRequestSchema,
  handsetPersonRequestSchema,
  handsetPersonSchema,
  handsetReactRequestSchema,
} from "@anywire/types";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { checkInput } from "../http/check-input.ts";
import { readJsonBody } from "../http/json-body.ts";
import { assertOwnPage, assertOwnReader } from "../http/own-page.ts";
import type { DevHandset } from "./dev-handset.ts";
import type { DevNetwork } from "./dev-networks.ts";
import { createHandsetEvents } from "./handset-events.ts";
import { fetchHandsetMedia } from "./handset-media.ts";
import { viewMessage, viewMessages, viewNetwork, viewPersons } from "./handset-views.ts";

/** A picture in Base64, and what is said about it. */
const BODY_LIMITS = { maxBodyBytes: 16 * 1024 * 1024, maxDepth: 8 };

const WHAT = "simulated networks are";

const messagesQuerySchema = z.object({ person: handsetPersonSchema });
const mediaQuerySchema = z.object({
  person: handsetPersonSchema,
  message: z.string().min(1).max(512),
  index: z.coerce.number().int().min(0),
});

/**
 * `/dev/handset/*`: what the handset page plays the persons at the other end with. No part of the API, so its documentation does
 * not have it; only for pages of this server, as tokens are.
 */
export function serveDevHandset(app: Hono, handset: DevHandset): void {
  serveReads(app, handset);
  serveEvents(app, handset);
  const act = <S extends z.ZodType>(name: string, schema: S, run: Act<z.output<S>>): void => {
    app.post(`/dev/handset/:network/${name}`, async (context) => {
      assertOwnPage(context, WHAT);
      const network = handset.network(context.req.param("network"));
      const body = await readJsonBody(context.req.raw, BODY_LIMITS);
      const request = checkInput(schema, body, "the request");
      return context.json((await orRefusal(() => run(network, request))) ?? {});
    });
  };
  act("messages", handsetDraftRequestSchema, write);
  act("read", handsetPersonRequestSchema, async ({ simulator }, { person }) =>
    can(simulator.handset, "read")(person),
  );
  act("typing", handsetPersonRequestSchema, async ({ simulator }, { person }) =>
    can(simulator.handset, "typing")(person),
  );
  act("react", handsetReactRequestSchema, async ({ simulator }, { person, message, emoji }) =>
    can(simulator.handset, "react")(person, message, emoji),
  );
  act("identity", handsetIdentityRequestSchema, async ({ simulator }, { person, to }) =>
    can(simulator.handset, "changeIdentity")(person, to),
  );
  act("faults", handsetFaultRequestSchema, async ({ simulator }, fault) => {
    if (!simulator.faults.includes(fault.kind)) throw unsupported();
    simulator.inject(fault);
  });
}

type Act<Q> = (network: DevNetwork, request: Q) => Promise<unknown>;

function serveReads(app: Hono, handset: DevHandset): void {
  app.get("/dev/handset/networks", (context) => {
    assertOwnReader(context, WHAT);
    const { isStarting, networks } = handset;
    return context.json({ isStarting, networks: networks.map(viewNetwork) });
  });
  app.get("/dev/handset/:network/persons", (context) => {
    assertOwnReader(context, WHAT);
    return context.json(viewPersons(handset.network(context.req.param("network"))));
  });
  app.get("/dev/handset/:network/messages", (context) => {
    assertOwnReader(context, WHAT);
    const network = handset.network(context.req.param("network"));
    const { person } = query(context, messagesQuerySchema);
    return context.json({ messages: viewMessages(network, person) });
  });
  app.get("/dev/handset/:network/media", (context) => {
    assertOwnReader(context, WHAT);
    const { simulator } = handset.network(context.req.param("network"));
    const { person, message, index } = query(context, mediaQuerySchema);
    const found = simulator.handset.messages(person).find(({ id }) => id === message);
    return fetchHandsetMedia(found?.media[index]);
  });
}

function serveEvents(app: Hono, handset: DevHandset): void {
  const events = createHandsetEvents(handset);
  app.get("/dev/handset/events", (context) => {
    assertOwnReader(context, WHAT);
    const stream = events.open();
    if (stream === undefined) {
      throw new AnywireError("unavailable", "too many pages listen; close one, then try again");
    }
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  });
}

async function write(
  network: DevNetwork,
  { person, text, media, subject, replyTo }: z.output<typeof handsetDraftRequestSchema>,
): Promise<unknown> {
  if (text === "" && media === undefined) {
    throw new AnywireError("bad_request", "the message is empty; write something");
  }
  const written = await network.simulator.handset.write(person, {
    text,
    ...(media === undefined ? {} : { media: { ...media, bytes: decode(media.base64) } }),
    ...(subject === undefined ? {} : { subject }),
    ...(replyTo === undefined ? {} : { replyTo }),
  });
  return viewMessage(network, written);
}

function decode(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

type Ability = "read" | "typing" | "react" | "changeIdentity";

/** The handset's ability. @throws {AnywireError} `unsupported` when the network has none such */
function can<A extends Ability>(handset: Handset, ability: A): NonNullable<Handset[A]> {
  const found = handset[ability];
  if (found === undefined) throw unsupported();
  return found.bind(handset) as NonNullable<Handset[A]>;
}

function unsupported(): AnywireError {
  return new AnywireError("unsupported", "this network has nothing of the kind");
}

/** A handset refuses by plain errors, which say what is wrong with what was written. */
async function orRefusal<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    const isRefusal = thrown instanceof Error && thrown.constructor === Error;
    if (!isRefusal) throw thrown;
    throw new AnywireError("bad_request", thrown.message, { cause: thrown });
  }
}

function query<S extends z.ZodType>(context: Context, schema: S): z.output<S> {
  return checkInput(schema, context.req.query(), "the query");
}
