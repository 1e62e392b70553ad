import { parseArgs } from "node:util";
import type { PeerName } from "./peers/peer.ts";

/** The measures, in the order they are taken. */
export const MEASURES = [
  "fanout",
  "latency",
  "idle",
  "publish",
  "recovery",
  "startup",
  "functions-before",
  "functions-after",
  "functions-unmatched",
  "functions-loop",
  "networks-webhooks",
  "networks-outbound",
  "networks-limit",
  "cluster-fanout",
  "cluster-publish",
  "cluster-recovery",
  "cluster-projector",
] as const;

/** One of {@link MEASURES}. */
export type Measure = (typeof MEASURES)[number];

const PEERS: readonly PeerName[] = ["anywire", "ws", "socket.io", "centrifuge", "floor"];

/** What the bench was asked for. */
export interface BenchOptions {
  readonly measures: readonly Measure[];
  readonly peers: readonly PeerName[];
  readonly isQuick: boolean;
  /** Where the results go as JSON; nowhere when absent. */
  readonly jsonFile?: string;
  /** A Markdown file in which the tables replace those of an earlier run. */
  readonly intoFile?: string;
}

/** How to call the bench. */
export const USAGE = `Usage: npm run bench -- [options]

Measures Anywire and its peers in one run and prints a table in Markdown.

  --quick          fewer and shorter rounds, fewer connections: a third of the time, less exact
  --only <list>    of ${MEASURES.join(",")};
                   functions, networks and cluster are all of theirs
  --peers <list>   of ${PEERS.join(",")}
  --json <file>    writes every number to a file as well
  --into <file>    puts the tables between the marks of the bench in a Markdown file, too
  --help           shows this`;

/**
 * Reads the command line; undefined when it asks for help.
 * @throws when it has something unknown.
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: MEASURES.join() },
      peers: { type: "string", default: PEERS.join() },
      json: { type: "string" },
      into: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    measures: chosen("--only", values.only, MEASURES),
    peers: chosen("--peers", values.peers, PEERS),
    isQuick: values.quick,
    ...(values.json === undefined ? {} : { jsonFile: values.json }),
    ...(values.into === undefined ? {} : { intoFile: values.into }),
  };
}

function chosen<Name extends string>(
  option: string,
  list: string,
  known: readonly Name[],
): readonly Name[] {
  const names = list.split(",");
  const isMeant = (one: string, name: string): boolean =>
    one === name || one.startsWith(`${name}-`);
  const unknown = names.find((name) => !known.some((one) => isMeant(one, name)));
  if (unknown !== undefined) {
    throw new Error(`${option} has ${unknown}; it takes ${known.join(", ")}`);
  }
  return known.filter((one) => names.some((name) => isMeant(one, name)));
}
