import {
  type ConnectionContext,
  hasHealth,
  isInstalling,
  type SendResult,
} from "@anywire/connectors";
import type { ConnectorRule } from "./connector-rule.ts";
import { expectThat, show, wordsOf } from "./expect-that.ts";
import { onStage, type Stage } from "./stage.ts";
import { otherSecret } from "./verify-rules.ts";

/** How long a network may take to be asked, ms: long, since a busy machine is no broken connector. */
const PATIENCE_MS = 15_000;

const STREAMS = ["log", "info", "warn", "error", "debug"] as const;

/** What must not get out. */
export const secrecyRules: readonly ConnectorRule[] = [
  {
    name: "tells no secret in a reason, an error or a log",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const to = await stage.meet();
        const said: string[] = [];
        const hear = (result: SendResult): void => {
          said.push(JSON.stringify(result));
        };
        await listeningToConsole(said, async () => {
          for (const kind of ["server_error", "html", "accept_then_close"] as const) {
            stage.simulator.inject({ kind, times: 1 });
            hear(await stage.send(stage.job(to, kind)));
          }
          hear(await sendWith(stage, to, wrongSecrets(stage.context)));
          hear(await sendWith(stage, "nonsense:\u{1F600}", stage.context));
          said.push(...(await askedOf(stage, wrongSecrets(stage.context))));
          await stage.simulator.close();
          hear(await stage.send(stage.job(to, "gone")));
          said.push(...(await askedOf(stage, stage.context)), ...stage.failures);
        });
        check(said, [stage.context, wrongSecrets(stage.context)]);
      }),
  },
  {
    name: "says auth when the network refuses its secrets",
    skips: ({ connector }) => (connector.secrets.length > 0 ? undefined : "it has no secrets"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const result = await sendWith(stage, await stage.meet(), wrongSecrets(stage.context));
        // Some networks sign only what they send, and know us by other means.
        expectThat(
          result.outcome !== "rejected" || result.class === "auth",
          `the secrets were wrong, and send says ${show(result)}; say auth, so that an operator is asked`,
        );
      }),
  },
];

async function sendWith(stage: Stage, to: string, context: ConnectionContext): Promise<SendResult> {
  return stage.send(stage.job(to, "who am I?"), context);
}

/** What health, and the network that is told where to call, have to say: both are shown. */
async function askedOf({ connector }: Stage, context: ConnectionContext): Promise<string[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const asked: Promise<unknown>[] = [];
  if (hasHealth(connector)) asked.push(connector.health(context, signal));
  if (isInstalling(connector)) asked.push(connector.install(context, signal));
  const told = await Promise.allSettled(asked);
  return told.map((one) =>
    one.status === "fulfilled" ? (JSON.stringify(one.value) ?? "") : wordsOf(one.reason),
  );
}

function wrongSecrets(context: ConnectionContext): ConnectionContext {
  const secrets = Object.entries(context.secrets).map(([name, values]) => [
    name,
    values.map(otherSecret),
  ]);
  return { ...context, secrets: Object.fromEntries(secrets) };
}

function check(said: readonly string[], contexts: readonly ConnectionContext[]): void {
  for (const { secrets } of contexts) {
    for (const [name, values] of Object.entries(secrets)) {
      for (const value of values.filter(({ length }) => length >= 6)) {
        const forms = [value, encodeURIComponent(value), Buffer.from(value).toString("base64")];
        const leak = said.find((words) => forms.some((form) => words.includes(form)));
        expectThat(leak === undefined, `the secret ${name} is told: ${leak?.slice(0, 300)}`);
      }
    }
  }
}

async function listeningToConsole(said: string[], work: () => Promise<void>): Promise<void> {
  const spoken = globalThis.console;
  const before = STREAMS.map((stream) => [stream, spoken[stream]] as const);
  for (const stream of STREAMS) {
    spoken[stream] = (...words: unknown[]) => {
      said.push(
        words.map((word) => (word instanceof Error ? wordsOf(word) : show(word))).join(" "),
      );
    };
  }
  try {
    await work();
  } finally {
    for (const [stream, write] of before) spoken[stream] = write;
  }
}
