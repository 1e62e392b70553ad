import type { Connector } from "@anywire/connectors";
import { abilityRules } from "./connector/ability-rules.ts";
import type { ConnectorRule, ConnectorRuleOptions } from "./connector/connector-rule.ts";
import { declarationRules } from "./connector/declaration-rules.ts";
import { wordsOf } from "./connector/expect-that.ts";
import { faultRules } from "./connector/fault-rules.ts";
import { fixtureRules } from "./connector/fixture-rules.ts";
import { garbageRules } from "./connector/garbage-rules.ts";
import { inboundRules } from "./connector/inbound-rules.ts";
import { outboundRules } from "./connector/outbound-rules.ts";
import { secrecyRules } from "./connector/secrecy-rules.ts";
import { verifyRules } from "./connector/verify-rules.ts";

export type {
  ConnectorRule,
  ConnectorRuleOptions,
  ConnectorSubject,
} from "./connector/connector-rule.ts";

/** Every rule of the contract of `Connector`, in the order in which an author meets them. They need no test runner. */
export const connectorRules: readonly ConnectorRule[] = [
  ...declarationRules,
  ...fixtureRules,
  ...verifyRules,
  ...garbageRules,
  ...outboundRules,
  ...inboundRules,
  ...abilityRules,
  ...faultRules,
  ...secrecyRules,
];

/** What became of a rule. */
export interface ConnectorVerdict {
  readonly rule: string;
  readonly outcome: "kept" | "broken" | "skipped";
  /** Why it is broken, or says nothing of this connector. */
  readonly words?: string;
}

/** Checks a connector against every rule, one after the other. Never rejects: a rule that breaks is a verdict. */
export async function* checkConnector(
  connector: Connector,
  options: ConnectorRuleOptions = {},
): AsyncGenerator<ConnectorVerdict> {
  const subject = { connector, options };
  for (const rule of connectorRules) {
    try {
      const skipped = rule.skips?.(subject);
      if (skipped !== undefined) {
        yield { rule: rule.name, outcome: "skipped", words: skipped };
        continue;
      }
      const words = await rule.run(subject);
      if (words === undefined) yield { rule: rule.name, outcome: "kept" };
      else yield { rule: rule.name, outcome: "skipped", words };
    } catch (error) {
      yield { rule: rule.name, outcome: "broken", words: wordsOf(error) };
    }
  }
}
