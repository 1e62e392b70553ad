import type { Operations, Presence } from "@anywire/core";
import { AnywireError, accountIdOf, accountIdSchema } from "@anywire/types";
import { z } from "zod";
import { checkOwnChannel } from "../../author/check-target.ts";
import type { CallMethod, CallOrigin } from "../run.ts";
import { functionPrincipal } from "./function-principal.ts";
import { checkArgument, type HostCall, type HostCallTable } from "./host-arguments.ts";

/** What calls on channels need. */
export interface ChannelCallsOptions {
  readonly operations: Operations;
  readonly presence: Pick<Presence, "members">;
}

type ChannelMethod = Extract<CallMethod, `channels.${string}`>;

/** How a call is carried out by an operation of the model. */
interface AboutChannel {
  readonly operation: string;
  /** What of the request the second argument is; default all that is not the channel. */
  readonly field?: string;
  /** What else is asked for. */
  readonly rest?: Readonly<Record<string, unknown>>;
  /** Whether the author gets the answer. Default true. */
  readonly isAnswered?: boolean;
}

/** Participants of one page, and members that are told. */
const MANY = 1_000;

const openSchema = z.looseObject({
  as: accountIdSchema.optional(),
  participants: z.array(z.string()),
});
const fieldsSchema = z.record(z.string(), z.unknown()).nullish();

const ABOUT = {
  "channels.get": { operation: "channel.get", rest: {} },
  "channels.update": { operation: "channel.update" },
  "channels.participants": { operation: "channel.participants", rest: { limit: MANY } },
  "channels.addParticipants": {
    operation: "channel.add",
    field: "participants",
    isAnswered: false,
  },
  "channels.removeParticipants": {
    operation: "channel.remove",
    field: "participants",
    isAnswered: false,
  },
  "channels.messages": { operation: "message.list" },
  "channels.message": { operation: "message.get", field: "id" },
} as const satisfies Partial<Record<ChannelMethod, AboutChannel>>;

/** `channels` of functions: what clients can do, in the name of an account that may. */
export function channelCalls(options: ChannelCallsOptions): HostCallTable<ChannelMethod> {
  const { operations, presence } = options;
  const about = Object.entries(ABOUT).map(([method, how]) => {
    return [method, aboutChannel(operations, method as ChannelMethod, how)] as const;
  });
  return {
    ...(Object.fromEntries(about) as HostCallTable<keyof typeof ABOUT>),
    "channels.open": async (origin, [given]) => {
      const asked = checkArgument("channels.open", "the request", openSchema, given);
      const { as = firstAccount(asked.participants), ...request } = asked;
      return await ask(operations, origin, "channels.open", "channel.open", request, as);
    },
    "channels.present": async ({ platform }, [channel]) => {
      const members = await presence.members(checkOwnChannel(platform, channel), MANY);
      return members.map(({ client, user }) => ({ client, accountId: user }));
    },
  };
}

function aboutChannel(
  operations: Operations,
  method: ChannelMethod,
  { operation, field, rest, isAnswered = true }: AboutChannel,
): HostCall {
  return async (origin, [to, argument]) => {
    const channel = checkOwnChannel(origin.platform, to);
    const fields =
      field === undefined
        ? (rest ?? checkArgument(method, "the second argument", fieldsSchema, argument))
        : { [field]: argument };
    const request = { ...fields, channel };
    const answer = await ask(operations, origin, method, operation, request);
    return isAnswered ? answer : undefined;
  };
}

async function ask(
  operations: Operations,
  { platform }: CallOrigin,
  method: ChannelMethod,
  name: string,
  request: unknown,
  as?: string,
): Promise<unknown> {
  const operation = operations.get(name);
  if (operation === undefined) throw new AnywireError("unsupported", `${name} is not there`);
  const checked = checkArgument(method, "what was asked", operation.request, request);
  const { answer } = await operation.run({ principal: functionPrincipal(platform, as) }, checked);
  return answer;
}

function firstAccount(participants: readonly string[]): string | undefined {
  return participants.map(accountIdOf).find((accountId) => accountId !== undefined);
}
