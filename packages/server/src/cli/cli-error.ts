/** Exit codes, documented in `anywire --help` and in the reference. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that ends a command; its message says what was wrong with what, and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, options: ErrorOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A command that was called in a wrong way. */
export function usageError(message: string, cause?: unknown): CliError {
  return new CliError(message, EXIT.usage, { cause });
}
