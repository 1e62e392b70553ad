import type { Connector, CreateSimulator, Fixture } from "@anywire/connectors";

/** What the rules need besides the connector. */
export interface ConnectorRuleOptions {
  /** Laid over the simulator's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Laid over the simulator's secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Instead of the connector's own, for a connector without one. */
  readonly simulator?: CreateSimulator;
  /** Instead of the connector's own. */
  readonly fixtures?: readonly Fixture[];
}

/** What a rule looks at. */
export interface ConnectorSubject {
  readonly connector: Connector;
  readonly options: ConnectorRuleOptions;
}

/** One rule that every connector keeps. Needs no test runner. */
export interface ConnectorRule {
  /** A sentence about what a connector does. */
  readonly name: string;
  /** Why the rule says nothing about this connector, such as an ability that it has not; undefined when it does. */
  skips?(subject: ConnectorSubject): string | undefined;
  /**
   * Undefined when the rule is kept; why it says nothing about this connector, where only a running simulator shows that.
   * @throws {Error} with what was expected, what came and what to do, when the rule is broken
   */
  run(subject: ConnectorSubject): Promise<string | undefined>;
}
