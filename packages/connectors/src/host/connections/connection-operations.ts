import type { Operation } from "@anywire/core";
import { changingOperations } from "./change-connection.ts";
import { ConnectionDesk, type ConnectionOperationsOptions } from "./connection-desk.ts";
import { lookingOperations } from "./look-at-connections.ts";
import { tryingOperations } from "./try-connection.ts";

/**
 * What can be done with connections. Who decides needs a `manage` pattern that names `connection`, who looks a `subscribe`
 * pattern: a wide one such as `production.>` does not mean them.
 */
export function connectionOperations(options: ConnectionOperationsOptions): Operation[] {
  const desk = new ConnectionDesk(options);
  return [...changingOperations(desk), ...lookingOperations(desk), ...tryingOperations(desk)];
}
