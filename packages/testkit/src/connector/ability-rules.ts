import {
  type ChangeJob,
  hasHealth,
  isDeleting,
  isEditing,
  isEstimating,
  isInstalling,
  isReacting,
  isReadMarking,
  isTyping,
  type SendResult,
} from "@anywire/connectors";
import type { ConnectorRule } from "./connector-rule.ts";
import { expectEqual, expectThat, show, within } from "./expect-that.ts";
import { undeclared, unheard, without } from "./says-nothing.ts";
import { onStage, type Stage } from "./stage.ts";

/** What a connector can do beyond sending. */
export const abilityRules: readonly ConnectorRule[] = [
  {
    name: "changes what was sent",
    skips: without(isEditing, "edit"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context } = stage;
        if (!isEditing(connector) || stage.capabilities.edit === undefined) {
          return undeclared("edit");
        }
        const job = await sent(stage, "tpyo");
        took(await connector.edit({ ...job, content: textOf("typo") }, context), "edit");
        expectThat(stage.onScreen("typo").isEdited, "the person must see that it was edited");
      }),
  },
  {
    name: "takes back what was sent",
    skips: without(isDeleting, "delete"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context } = stage;
        if (!isDeleting(connector) || stage.capabilities.delete === undefined) {
          return undeclared("delete");
        }
        const job = await sent(stage, "forget this");
        took(await connector.delete(job, context), "delete");
        const left = stage
          .screen()
          .filter(({ text, isDeleted }) => text === "forget this" && !isDeleted);
        expectEqual(left.length, 0, "the person must no longer have what was taken back");
      }),
  },
  {
    name: "puts a mark on a message, and takes it off",
    skips: without(isReacting, "react"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context } = stage;
        const { reactions } = stage.capabilities;
        if (!isReacting(connector) || reactions === undefined) return undeclared("reactions");
        const to = await stage.meet("a joke");
        const { externalId } = await stage.event("message");
        const emoji = reactions === "any" ? "👍" : (reactions[0] ?? "👍");
        const job = { ...stage.job(to, ""), externalIds: [externalId], emoji };
        took(await connector.react({ ...job, action: "add" }, context), "react");
        expectEqual(stage.onScreen("a joke").reaction, emoji, "the mark that the person sees");
        took(await connector.react({ ...job, action: "remove" }, context), "react");
        expectEqual(
          stage.onScreen("a joke").reaction,
          undefined,
          "the mark after it was taken off",
        );
      }),
  },
  {
    name: "tells of a mark that a person puts on a message of ours, and of its end",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { handset } = stage.simulator;
        if (handset.react === undefined) return unheard("react");
        const { externalIds } = await sent(stage, "a joke");
        const { id } = stage.onScreen("a joke");
        for (const [emoji, action] of [
          ["👍", "add"],
          [null, "remove"],
        ] as const) {
          await handset.react(stage.person, id, emoji);
          const event = await stage.event("reaction", (reaction) => reaction.action === action);
          expectThat(
            externalIds.includes(event.externalId),
            `a reaction is on ${event.externalId}, and the message is called ${show(externalIds)}`,
          );
        }
      }),
  },
  {
    name: "tells that a person is writing",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { handset } = stage.simulator;
        if (handset.typing === undefined) return unheard("typing");
        await stage.meet();
        await handset.typing(stage.person);
        await stage.event("typing");
      }),
  },
  {
    name: "shows that somebody is writing, and that somebody has read",
    skips: ({ connector }) =>
      isTyping(connector) || isReadMarking(connector) ? undefined : "it has neither",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context, capabilities } = stage;
        if (!capabilities.typing && !capabilities.markRead) return undeclared("typing or markRead");
        const to = await stage.meet();
        const { externalId } = await stage.event("message");
        const signal = AbortSignal.timeout(15_000);
        if (isTyping(connector) && capabilities.typing) {
          await connector.typing({ to, lastExternalId: externalId, signal }, context);
        }
        if (isReadMarking(connector) && capabilities.markRead) {
          await connector.markRead({ to, externalId, signal }, context);
          expectEqual(
            stage.onScreen("hello").status,
            "read",
            "the person must see that it was read",
          );
        }
      }),
  },
  {
    name: "estimates a message without the network: at least one part, more for more text",
    skips: without(isEstimating, "estimate"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context, capabilities } = stage;
        if (!isEstimating(connector)) return undefined;
        const to = await stage.meet();
        const of = (text: string): number =>
          connector.estimate({ to, content: textOf(text) }, context).segments;
        const [short, long] = [
          of("hi"),
          of("x".repeat(Math.min(capabilities.text.maxLength, 1000))),
        ];
        expectThat(short >= 1 && Number.isInteger(short), `"hi" is estimated as ${short} parts`);
        expectThat(long >= short, `a longer text has fewer parts: ${long} instead of ${short}`);
      }),
  },
  {
    name: "says that it is well when the network answers, and not when it does not",
    skips: without(hasHealth, "health"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context } = stage;
        if (!hasHealth(connector)) return undefined;
        const ask = (): ReturnType<typeof connector.health> =>
          within(20_000, "health", connector.health(context, AbortSignal.timeout(15_000)));
        expectEqual((await ask()).state, "ok", "the health of a connection to a running network");
        await stage.simulator.close();
        const { state, reason } = await ask();
        expectThat(
          state !== "ok" && (reason ?? "") !== "",
          `the network is gone, and health says ${show({ state, reason })}; say down, and why`,
        );
      }),
  },
  {
    name: "can be installed again and again",
    skips: without(isInstalling, "install"),
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { connector, context } = stage;
        if (!isInstalling(connector)) return undefined;
        const signal = AbortSignal.timeout(15_000);
        await connector.install(context, signal);
        await stage.meet("still here");
        await connector.uninstall(context, signal);
        await connector.uninstall(context, signal);
      }),
  },
];

async function sent(stage: Stage, text: string): Promise<ChangeJob> {
  const job = stage.job(await stage.meet(), text);
  const { externalIds } = await stage.deliver(job);
  const { replyTo: _, references: __, ...change } = job;
  return { ...change, externalIds };
}

function textOf(text: string): ChangeJob["content"] {
  return { text, media: [], message: { text } };
}

function took(result: SendResult, ability: string): void {
  expectThat(result.outcome === "accepted", `${ability}() was not accepted: ${show(result)}`);
}
