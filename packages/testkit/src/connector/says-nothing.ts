import type { ConnectorSubject } from "./connector-rule.ts";

/** Why a rule about an ability says nothing of a connector that has it not. */
export function without(
  has: (connector: ConnectorSubject["connector"]) => boolean,
  ability: string,
): (subject: ConnectorSubject) => string | undefined {
  return ({ connector }) => (has(connector) ? undefined : `it has no ${ability}()`);
}

/** Why a rule says nothing of a connection that can't do it. */
export function undeclared(capability: string): string {
  return `its capabilities have no ${capability}`;
}

/** Why a rule says nothing where persons can't do it. */
export function unheard(ability: string): string {
  return `its simulator's handset has no ${ability}()`;
}
