import {
  ENGINE_SERVERS,
  type EngineServer,
  SERVER_NAMES,
} from "../../../scripts/engines/engine-servers.ts";
import { findProgram } from "../../../scripts/engines/find-program.ts";

/** The programs that the cluster engine stands on. */
export type ClusterPrograms = Readonly<Record<EngineServer, string>>;

/** What was found of them, and why it is not enough. */
export type FoundClusterPrograms =
  | { readonly programs: ClusterPrograms }
  | { readonly missing: string };

/** Looks for the programs where the tests look for them. */
export function findClusterPrograms(): FoundClusterPrograms {
  const [nats, dynamodb] = [findProgram(ENGINE_SERVERS.nats), findProgram(ENGINE_SERVERS.dynamodb)];
  if (nats !== undefined && dynamodb !== undefined) return { programs: { nats, dynamodb } };
  const missing = SERVER_NAMES.map((name) => ENGINE_SERVERS[name])
    .filter((recipe) => findProgram(recipe) === undefined)
    .map(({ program }) => program);
  return {
    missing: `there is no ${missing.join(" and no ")} (\`npm run engines -- --install\` builds them)`,
  };
}
