import type {
  Connector,
  InboundEvent,
  ListeningConnector,
  SendJob,
  SendResult,
} from "@anywire/connectors";
import type { ConnectorRuleOptions } from "../connector-rules.ts";
import { type Parrot, parrot } from "./parrot.fixture.ts";

type Send = Connector["send"];
/** A connector that breaks a rule. */
export interface Broken {
  readonly connector: Connector;
  readonly options?: ConnectorRuleOptions;
  /** What the rule must say. */
  readonly words: RegExp;
}

/** A parrot with other parts. */
export const having = (
  over: Partial<Parrot>,
  words: RegExp,
  options?: ConnectorRuleOptions,
): Broken => ({
  connector: { ...parrot, ...over },
  words,
  ...(options === undefined ? {} : { options }),
});

/** A parrot that says something else of what it sends. */
export const sending = (change: (send: Send) => Send, words: RegExp): Broken =>
  having({ send: change(parrot.send) }, words);

/** A parrot that sends something else. */
export const saying = (change: (job: SendJob) => Partial<SendJob>, words: RegExp): Broken =>
  sending((send) => (job, context) => send({ ...job, ...change(job) }, context), words);

/** A parrot that makes something else of an outcome. */
export const claiming = (change: (result: SendResult) => SendResult, words: RegExp): Broken =>
  sending((send) => async (job, context) => change(await send(job, context)), words);

/** A parrot that tells something else. */
export const telling = (
  change: (events: readonly InboundEvent[]) => readonly InboundEvent[],
  words: RegExp,
): Broken =>
  having(
    { parse: async (request, context) => change(await parrot.parse(request, context)) },
    words,
  );

/** A parrot that keeps something to itself. */
export const dropping = (suits: (event: InboundEvent) => boolean, words: RegExp): Broken =>
  telling((events) => events.filter((event) => !suits(event)), words);

/** A parrot that tells it otherwise. */
export const changing = (change: (event: InboundEvent) => object, words: RegExp): Broken =>
  telling((events) => events.map((event) => ({ ...event, ...change(event) })), words);

/** A parrot that listens, too. */
export const listening = (
  listen: ListeningConnector["listen"],
  words: RegExp,
  over: Partial<Parrot> = {},
): Broken => {
  const connector: Connector & ListeningConnector = { ...parrot, ...over, listen };
  return { connector, words };
};

/** A parrot that believes others. */
export const verifying = (
  change: (verify: Parrot["verify"]) => Parrot["verify"],
  words: RegExp,
): Broken => having({ verify: change(parrot.verify) }, words);
