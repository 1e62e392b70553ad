/** One configured instance of a connector, as its connector sees it. */
export interface ConnectionContext<S = Readonly<Record<string, unknown>>> {
  /** The connection's id. */
  readonly id: string;
  readonly platform: string;
  /** What the connector's `configSchema` made of the connection's settings. */
  readonly settings: S;
  /**
   * Each secret by its name: the value that holds now, and behind it those that hold still since the last rotation. Sign with the
   * first, accept any.
   */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  /** Where the network reaches this connection. */
  readonly webhookUrl: string;
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** The value of a secret that holds now. @throws {Error} when the connection has none; the host checks those that are required */
export function secretOf(context: Pick<ConnectionContext, "secrets" | "id">, name: string): string {
  const [value] = context.secrets[name] ?? [];
  if (value === undefined)
    throw new Error(`connection ${context.id} has no secret ${name}; set it`);
  return value;
}
