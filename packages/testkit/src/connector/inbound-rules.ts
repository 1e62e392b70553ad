import { hasMedia, isListening } from "@anywire/connectors";
import { canonicalAddress } from "@anywire/core";
import type { ConnectorRule } from "./connector-rule.ts";
import { expectEqual, expectThat, show, within } from "./expect-that.ts";
import { undeclared, unheard } from "./says-nothing.ts";
import { onStage, type Stage, sameText } from "./stage.ts";

const DAY_MS = 86_400_000;

/** What comes from the person at the other end. */
export const inboundRules: readonly ConnectorRule[] = [
  {
    name: "tells what a person writes, exactly, with whom it is from and when",
    run: (subject) =>
      onStage(subject, async (stage) => {
        for (const text of ["hi", "Zoë: 你好 😀", "two\nlines", 'a & b < c > "d" 100% +1']) {
          await stage.meet(text);
          const { at } = await stage.event("message", (event) => sameText(event.text, text));
          expectThat(
            Math.abs(at - Date.now()) < DAY_MS,
            `at is ${at}, which is ${new Date(at).toISOString()}: is it in seconds?`,
          );
        }
      }),
  },
  {
    name: "says of an answer that it is from the address that was written to",
    run: (subject) => onStage(subject, checkAnswer),
  },
  {
    name: "names a message the same when its webhook comes twice, and two messages differently",
    run: (subject) =>
      onStage(subject, async (stage) => {
        await stage.meet("first");
        stage.simulator.inject({ kind: "duplicate_webhook", times: 1 });
        await stage.meet("again");
        await stage.meet("again and again");
        await stage.idle();
        const ids = (text: string): string[] =>
          stage
            .of("message")
            .flatMap((event) => (sameText(event.text, text) ? event.externalId : []));
        const again = ids("again");
        expectThat(
          again.length === 2 || isListening(stage.connector),
          `the simulator makes a webhook ${again.length} times when told to make it twice`,
        );
        expectEqual(new Set(again).size, 1, "one message has two external ids when it comes twice");
        const all = ["first", "again", "again and again"].map((text) => ids(text)[0]);
        expectEqual(new Set(all).size, 3, `different messages share an external id: ${show(all)}`);
      }),
  },
  {
    name: "tells the same, in whatever order webhooks come",
    run: (subject) =>
      onStage(subject, async (stage) => {
        stage.simulator.inject({ kind: "reorder_webhook", times: 1 });
        const { handset } = stage.simulator;
        for (const text of ["one", "two"])
          await handset.write(stage.person, { text, subject: "s" });
        for (const text of ["one", "two"]) {
          await stage.event("message", (event) => sameText(event.text, text));
        }
      }),
  },
  {
    name: "tells which message of ours a person answers",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { reply } = stage.capabilities;
        if (reply !== "full" && reply !== "partial") return undeclared("reply");
        const to = await stage.meet();
        const { externalIds } = await stage.deliver(stage.job(to, "a question"));
        const replyTo = stage.onScreen("a question").id;
        await stage.simulator.handset.write(stage.person, { text: "an answer", replyTo });
        const event = await stage.event("message", ({ text }) => sameText(text, "an answer"));
        const named = [event.replyTo, ...(event.references ?? [])];
        expectThat(
          named.some((id) => id !== undefined && externalIds.includes(id)),
          `the answer names ${show(named)}, and the message is called ${show(externalIds)}; use the same name in both`,
        );
      }),
  },
  {
    name: "tells of media that a person sends, and fetches them whole",
    skips: ({ connector }) => (hasMedia(connector) ? undefined : "it has no fetchMedia()"),
    run: (subject) => onStage(subject, checkMedia),
  },
  {
    name: "knows a person again who has a new number or name",
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { handset } = stage.simulator;
        if (handset.changeIdentity === undefined) return unheard("changeIdentity");
        await stage.meet("before");
        const before = await stage.event("message");
        const to = otherIdentity(stage.person);
        await handset.changeIdentity(stage.person, to);
        await handset.write(to, { text: "after" });
        const after = await stage.event("message", ({ text }) => sameText(text, "after"));
        const old = new Set(before.sender.addresses);
        expectThat(
          stage.of("identity_changed").some(({ from }) => old.has(from)) ||
            after.sender.addresses.some((address) => old.has(address)),
          `nothing ties ${show(after.sender.addresses)} to ${show([...old])}; say identity_changed, or name an address that stays`,
        );
      }),
  },
];

/** Whoever was written to first, at what persons are known by, as somebody types it. */
async function checkAnswer(stage: Stage): Promise<string | undefined> {
  const { connector, person } = stage;
  if (!stage.capabilities.canStart) return "its capabilities say that it begins no conversation";
  const to = typed(`${connector.addressKinds[0]}:${person}`);
  if (to === undefined || connector.reaches?.(to) === false) return NAMES_ONLY;
  const result = await stage.send(stage.job(to, "who is there?"));
  // Some networks know persons by a name, and take nothing but their ids.
  if (result.outcome === "rejected" && result.class === "invalid_recipient") return NAMES_ONLY;
  const replyTo = stage.onScreen("who is there?").id;
  await stage.simulator.handset.write(person, { text: "me", replyTo });
  const { sender } = await stage.event("message", ({ text }) => sameText(text, "me"));
  const addresses = sender.addresses.map((address) => typed(address));
  expectThat(
    addresses.includes(to),
    `the answer of somebody who was written to at ${to} is from ${show(addresses)}, so it would open another channel; name that address, too`,
  );
}

const NAMES_ONLY = "it can't be written to at what its persons are known by";

/** An address as the server keeps it; undefined when this can't be one of its kind. */
function typed(address: string): string | undefined {
  try {
    return canonicalAddress(address);
  } catch {
    return undefined;
  }
}

async function checkMedia(stage: Stage): Promise<undefined> {
  const { connector, context } = stage;
  if (!hasMedia(connector)) return;
  const bytes = new Uint8Array(Buffer.from("\u0089PNG\r\n\u001a\n a picture", "latin1"));
  const media = { name: "dot.png", mimeType: "image/png", bytes };
  await stage.simulator.handset.write(stage.person, { text: "look", media, subject: "Look" });
  const event = await stage.event("message", ({ media: some = [] }) => some.length > 0);
  const [reference] = event.media ?? [];
  expectThat(reference !== undefined && event.media?.length === 1, "one medium must come as one");
  const fetched = await within(
    15_000,
    "fetchMedia",
    connector.fetchMedia(reference, context, AbortSignal.timeout(15_000)),
  );
  const got = new Uint8Array(await new Response(fetched.bytes).arrayBuffer());
  expectEqual(Buffer.from(got), Buffer.from(bytes), "fetchMedia gives other bytes than were sent");
  const { mimeType = reference.mimeType } = fetched;
  expectEqual(mimeType, "image/png", "the media type of what a person sent");
}

/** Another of the same shape. */
function otherIdentity(person: string): string {
  return person.replace(/[0-9a-z](?=[^0-9a-z]*$)/i, (last) => (last === "7" ? "8" : "7"));
}
