import {
  connectionsQuerySchema,
  createConnectionRequestSchema,
  rotateSecretsRequestSchema,
  testConnectionRequestSchema,
  updateConnectionRequestSchema,
} from "@anywire/types";
import { CONNECTION_EXAMPLES } from "./connection-examples.ts";
import { emptyBodySchema, type ModelEndpoint, pageQuerySchema } from "./model-endpoint.ts";

const CONNECTIONS = "/v1/connections";
const CONNECTION = `${CONNECTIONS}/{connection}`;

const ofConnection = ({ connection, ...rest }: Readonly<Record<string, string>>): object => ({
  id: connection,
  ...rest,
});

const ENDPOINTS: readonly ModelEndpoint[] = [
  {
    method: "GET",
    path: "/v1/connectors",
    id: "listConnectors",
    operation: "connector.list",
    tag: "Connections",
    summary: "List connectors",
    description: "What connections can be made of, and the settings and secrets that each needs.",
    example: CONNECTION_EXAMPLES.connectors,
  },
  {
    method: "GET",
    path: "/v1/channels/{channel}/abilities",
    id: "getChannelAbilities",
    operation: "channel.abilities",
    tag: "Channels",
    summary: "What reaches those outside",
    description:
      "Which changes, reactions and media the network of a channel brings to those outside, for whoever may read it. All else that can be done with a message is done on this side alone.",
    example: CONNECTION_EXAMPLES.abilities,
  },
  {
    method: "GET",
    path: CONNECTIONS,
    id: "listConnections",
    operation: "connection.list",
    tag: "Connections",
    summary: "List connections",
    description: "Those of the platform by id, or of one `network`.",
    query: connectionsQuerySchema,
    example: { connections: [CONNECTION_EXAMPLES.connection] },
  },
  {
    method: "POST",
    path: CONNECTIONS,
    id: "createConnection",
    operation: "connection.create",
    tag: "Connections",
    summary: "Create a connection",
    description:
      "An account at a network, by one of the connectors. Its secrets are kept encrypted and never given out. The first of its network is what channels take that name none.",
    body: { schema: createConnectionRequestSchema, example: CONNECTION_EXAMPLES.create },
    example: CONNECTION_EXAMPLES.connection,
    mayBeNew: true,
    errors: ["conflict", "too_large", "storage_full"],
  },
  {
    method: "GET",
    path: CONNECTION,
    id: "getConnection",
    operation: "connection.get",
    tag: "Connections",
    summary: "Look at a connection",
    description: "Its settings, the names of its secrets, and the URL to give to the network.",
    example: CONNECTION_EXAMPLES.connection,
    toRequest: ofConnection,
  },
  {
    method: "PATCH",
    path: CONNECTION,
    id: "updateConnection",
    operation: "connection.update",
    tag: "Connections",
    summary: "Change a connection",
    description:
      "What is absent stays. Settings that may decide where its secrets are sent change only with all `secrets` given anew. While it is not enabled, nothing is sent; what the network calls with is taken in all the same.",
    body: { schema: updateConnectionRequestSchema, example: CONNECTION_EXAMPLES.update },
    example: CONNECTION_EXAMPLES.connection,
    errors: ["conflict", "too_large", "storage_full"],
    toRequest: ofConnection,
  },
  {
    method: "DELETE",
    path: CONNECTION,
    id: "removeConnection",
    operation: "connection.remove",
    tag: "Connections",
    summary: "Remove a connection",
    description: "With its secrets. What was said over it stays.",
    example: {},
    errors: ["conflict", "storage_full"],
    toRequest: ofConnection,
  },
  {
    method: "POST",
    path: `${CONNECTION}/secrets`,
    id: "rotateSecrets",
    operation: "connection.rotate_secrets",
    tag: "Connections",
    summary: "Rotate secrets",
    description:
      "New values for those that are named. The old ones hold for `overlapMs` beside them, so that nothing is refused while the network changes over.",
    body: { schema: rotateSecretsRequestSchema, example: CONNECTION_EXAMPLES.rotate },
    example: CONNECTION_EXAMPLES.connection,
    errors: ["conflict", "too_large", "storage_full"],
    toRequest: ofConnection,
  },
  {
    method: "GET",
    path: `${CONNECTION}/health`,
    id: "getConnectionHealth",
    operation: "connection.health",
    tag: "Connections",
    summary: "See how a connection is",
    description: "What the network says, and what sending and listening tell: the worst of it.",
    example: CONNECTION_EXAMPLES.health,
    toRequest: ofConnection,
  },
  {
    method: "POST",
    path: `${CONNECTION}/test`,
    id: "testConnection",
    operation: "connection.test",
    tag: "Connections",
    summary: "Try a connection out",
    description:
      "Sends a message to an address, on a channel that is opened for it: its delivery tells how it went.",
    body: { schema: testConnectionRequestSchema, example: CONNECTION_EXAMPLES.test },
    example: CONNECTION_EXAMPLES.tested,
    mayBeNew: true,
    errors: ["conflict", "too_large", "function_aborted", "storage_full"],
    toRequest: ofConnection,
  },
  {
    method: "GET",
    path: `${CONNECTION}/problems`,
    id: "listInboundProblems",
    operation: "connection.problems",
    tag: "Connections",
    summary: "List what came in and could not be handled",
    description: "Oldest first, with the reason. Each can be handled once more.",
    query: pageQuerySchema,
    example: CONNECTION_EXAMPLES.problems,
    toRequest: ofConnection,
  },
  {
    method: "POST",
    path: `${CONNECTION}/problems/{offset}/replay`,
    id: "replayInbound",
    operation: "connection.replay",
    tag: "Connections",
    summary: "Handle something that came in once more",
    description: "It is no problem any more when that succeeds; otherwise the answer says why.",
    body: { schema: emptyBodySchema, example: {} },
    example: {},
    errors: ["conflict", "too_large", "function_aborted", "storage_full"],
    toRequest: ofConnection,
  },
];

/** What can be done with connections, over HTTP. A server that speaks to no network has none of it. */
export const CONNECTION_ENDPOINTS: readonly ModelEndpoint[] = ENDPOINTS.map((endpoint) => ({
  ...endpoint,
  isOptional: true,
}));
