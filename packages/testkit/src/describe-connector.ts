import type { Connector } from "@anywire/connectors";
import { describe } from "vitest";
import { type ConnectorRuleOptions, connectorRules } from "./connector-rules.ts";
import { createRule, type KnownGap } from "./rule.ts";

/**
 * The contract of `Connector`, as tests: a test for each rule that concerns what the connector can do. A connector's test file is one
 * call of this.
 *
 * @example
 * describeConnector(pigeon);
 */
export function describeConnector(
  connector: Connector,
  options: ConnectorRuleOptions = {},
  gaps: readonly KnownGap[] = [],
): void {
  const subject = { connector, options };
  const rule = createRule(gaps);
  describe(`Connector: ${connector.id}`, () => {
    for (const { name, skips, run } of connectorRules) {
      if (skips?.(subject) === undefined) rule(name, () => run(subject));
    }
  });
}
