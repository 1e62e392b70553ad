import {
  type Caller,
  type ConnectionDocument,
  connectionIndexKey,
  connectionKey,
  INBOUND_PROBLEM,
  type InboundProblemDocument,
  type Operation,
} from "@anywire/core";
import {
  AnywireError,
  type Connection,
  type ConnectionHealth,
  connectionHealthSchema,
  connectionRequestSchema,
  connectionSchema,
  connectionsPageSchema,
  connectionsQuerySchema,
  connectorsAnswerSchema,
  inboundProblemsSchema,
} from "@anywire/types";
import { z } from "zod";
import { hasHealth } from "../../contract/abilities.ts";
import type { Connector } from "../../contract/connector.ts";
import { channelAbilities } from "./channel-abilities.ts";
import type { ConnectionDesk } from "./connection-desk.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { installHealth, inTime } from "./install-connection.ts";

/** How long a network may take to say how it is, ms. */
const HEALTH_TIMEOUT_MS = 10_000;

const problemsQuery = connectionRequestSchema.extend({
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

type ConnectionsPage = z.infer<typeof connectionsPageSchema>;
type ConnectorsAnswer = z.infer<typeof connectorsAnswerSchema>;

/** What changes nothing. */
export function lookingOperations(desk: ConnectionDesk): Operation[] {
  return [
    get(desk),
    list(desk),
    health(desk),
    problems(desk),
    listConnectors(desk),
    channelAbilities(desk),
  ];
}

function get(
  desk: ConnectionDesk,
): Operation<z.output<typeof connectionRequestSchema>, Connection> {
  return {
    name: "connection.get",
    request: connectionRequestSchema,
    answer: connectionSchema,
    async run(caller, { id }) {
      await desk.assertMay(caller, "subscribe", id);
      return { answer: desk.view(await desk.find(caller, id)), isNew: false };
    },
  };
}

function list(
  desk: ConnectionDesk,
): Operation<z.output<typeof connectionsQuerySchema>, ConnectionsPage> {
  return {
    name: "connection.list",
    request: connectionsQuerySchema,
    answer: connectionsPageSchema,
    async run(caller, { network, cursor, limit }) {
      await assertMayList(desk, caller);
      const found: ConnectionDocument[] = [];
      let after = cursor;
      for (;;) {
        const page = await readPage(desk, caller, after, limit);
        const matching = page.documents.filter(
          (one) => network === undefined || one.network === network,
        );
        found.push(...matching);
        after = page.next;
        if (found.length >= limit || after === undefined) break;
      }
      const connections = found.slice(0, limit).map((one) => desk.view(one));
      const isCut = found.length > limit || after !== undefined;
      const next = found.length > limit ? connections.at(-1)?.id : after;
      const answer = { connections, ...(isCut && next !== undefined ? { cursor: next } : {}) };
      return { answer, isNew: false };
    },
  };
}

async function assertMayList({ options }: ConnectionDesk, { principal }: Caller): Promise<void> {
  const pattern = `${principal.platform}.connection.*`;
  await options.access.assertMaySubscribe(principal, pattern);
}

/** Connections by id; `next` is where the page after it begins. */
async function readPage(
  { options: { state } }: ConnectionDesk,
  { principal }: Caller,
  after: string | undefined,
  limit: number,
): Promise<{ readonly documents: ConnectionDocument[]; readonly next?: string | undefined }> {
  const { partition } = connectionIndexKey(principal.platform, "");
  const from = after === undefined ? {} : { after };
  const page = await state.list({ partition, prefix: "", limit, ...from });
  const { values } = await state.get(page.items.map(({ sort }) => connectionKey(sort)));
  const documents = values as readonly (ConnectionDocument | undefined)[];
  return {
    documents: documents.filter((document) => document !== undefined),
    next: page.hasMore ? page.items.at(-1)?.sort : undefined,
  };
}

function health(
  desk: ConnectionDesk,
): Operation<z.output<typeof connectionRequestSchema>, ConnectionHealth> {
  return {
    name: "connection.health",
    request: connectionRequestSchema,
    answer: connectionHealthSchema,
    async run(caller, { id }) {
      await desk.assertMay(caller, "subscribe", id);
      await desk.find(caller, id);
      const { healthOf = [] } = desk.options;
      const [asked, installed] = await Promise.all([askNetwork(desk, id), installHealth(desk, id)]);
      const known = healthOf.map((of) => of(id)).concat(asked, installed);
      return { answer: worst(known.filter((one) => one !== undefined)), isNew: false };
    },
  };
}

/** What the network itself says. */
async function askNetwork(desk: ConnectionDesk, id: string): Promise<ConnectionHealth> {
  const checkedAt = desk.now();
  const says = (state: ConnectionHealth["state"], reason: string | null): ConnectionHealth => {
    return { state, reason, humanAction: "none", retryAt: null, checkedAt };
  };
  try {
    const connection = await desk.options.connections.find(id);
    if (connection === undefined) return says("unknown", null);
    const { connector, context } = connection;
    if (!hasHealth(connector)) return says("unknown", null);
    const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
    const told = await inTime(connector.health(context, signal), signal);
    const reason = told.reason === null ? null : hideSecrets(told.reason, context);
    return { ...told, reason, retryAt: null, checkedAt };
  } catch (error) {
    if (error instanceof AnywireError) return says("down", error.message);
    // A defect of the connector: what it throws may hold anything.
    return says("unknown", "the connector could not find out how the connection is");
  }
}

const BADNESS: Readonly<Record<ConnectionHealth["state"], number>> = {
  unknown: 0,
  ok: 1,
  degraded: 2,
  down: 3,
};

/** Of several that look at one connection, the one that sees the worst. */
function worst(known: readonly ConnectionHealth[]): ConnectionHealth {
  const none: ConnectionHealth = {
    ...{ state: "unknown", reason: null, humanAction: "none", retryAt: null, checkedAt: null },
  };
  return known.reduce((a, b) => (BADNESS[b.state] > BADNESS[a.state] ? b : a), known[0] ?? none);
}

function problems(desk: ConnectionDesk): Operation<z.output<typeof problemsQuery>, object> {
  return {
    name: "connection.problems",
    request: problemsQuery,
    answer: inboundProblemsSchema,
    async run(caller, { id, cursor, limit }) {
      await desk.assertMay(caller, "subscribe", id);
      await desk.find(caller, id);
      const page = await desk.options.state.list({
        partition: desk.channelOf(caller, id),
        prefix: INBOUND_PROBLEM,
        limit,
        ...(cursor === undefined ? {} : { after: INBOUND_PROBLEM + cursor }),
      });
      const last = page.items.at(-1)?.sort.slice(INBOUND_PROBLEM.length);
      const answer = {
        problems: page.items.map(({ value }) => value as InboundProblemDocument),
        ...(page.hasMore && last !== undefined ? { cursor: last } : {}),
      };
      return { answer, isNew: false };
    },
  };
}

function listConnectors(desk: ConnectionDesk): Operation<object, ConnectorsAnswer> {
  return {
    name: "connector.list",
    request: z.strictObject({}),
    answer: connectorsAnswerSchema,
    async run(caller) {
      await assertMayList(desk, caller);
      const connectors = desk.options.registry.list().flatMap((one) => infoOf(desk, one));
      return { answer: { connectors }, isNew: false };
    },
  };
}

/** Nothing where a connector can't tell of itself: one that is broken takes none of the others off the answer. */
function infoOf(
  { options: { onError } }: ConnectionDesk,
  connector: Connector,
): ConnectorsAnswer["connectors"] {
  try {
    return [info(connector)];
  } catch (cause) {
    onError(
      new AnywireError("internal", `connector ${connector.id} can't tell what it needs`, { cause }),
    );
    return [];
  }
}

function info(connector: Connector): ConnectorsAnswer["connectors"][number] {
  const { id, version, displayName, network, addressKinds, configSchema, secrets } = connector;
  const settings = z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" });
  return {
    ...{ id, version, displayName, network, addressKinds: [...addressKinds] },
    settings: z.json().parse(JSON.parse(JSON.stringify(settings))),
    secrets: secrets.map(({ name, description, isRequired }) => ({
      name,
      description,
      isRequired,
    })),
  };
}
