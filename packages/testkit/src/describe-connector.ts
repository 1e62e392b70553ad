import type { Connector } from "@anywire/connectors";
import { describe, it } from "vitest";
import { type ConnectorRuleOptions, connectorRules } from "./connector-rules.ts";

/**
 * The contract of `Connector`, as tests: a test for each rule that concerns what the connector can do. A connector's test file is one
 * call of this.
 *
 * @example
 * describeConnector(pigeon);
 */
export function describeConnector(connector: Connector, options: ConnectorRuleOptions = {}): void {
  const subject = { connector, options };
  describe(`Connector: ${connector.id}`, () => {
    for (const { name, skips, run } of connectorRules) {
      if (skips?.(subject) !== undefined) continue;
      it(name, async ({ annotate }) => {
        const saysNothing = await run(subject);
        // Not skipped: what could have run and did not is no fault, and some count skipped tests as such.
        if (saysNothing !== undefined) await annotate(saysNothing);
      });
    }
  });
}
