import { type Caller, emptyAnswerSchema, type Operation } from "@anywire/core";
import {
  AnywireError,
  channelSchema,
  connectionRequestSchema,
  sentMessageSchema,
  testConnectionAnswerSchema,
  testConnectionRequestSchema,
} from "@anywire/types";
import { z } from "zod";
import type { ConnectionDesk } from "./connection-desk.ts";

const replayRequest = connectionRequestSchema.extend({ offset: z.coerce.number().int().min(1) });

/** What puts a connection to work once: a message to try it out, something that came in once more. */
export function tryingOperations(desk: ConnectionDesk): Operation[] {
  return [test(desk), replay(desk)];
}

function test(desk: ConnectionDesk): Operation {
  const request = testConnectionRequestSchema.extend(connectionRequestSchema.shape);
  const operation: Operation<
    z.output<typeof request>,
    z.infer<typeof testConnectionAnswerSchema>
  > = {
    name: "connection.test",
    request,
    answer: testConnectionAnswerSchema,
    async run(caller, { id, to, text }) {
      await desk.assertMay(caller, "manage", id);
      const { connector } = await desk.find(caller, id);
      const opened = await call(desk, caller, "channel.open", {
        type: desk.connector(connector).channelType.name,
        participants: [to],
        connection: id,
      });
      const { channel } = channelSchema.parse(opened);
      const sent = await call(desk, caller, "message.send", { channel, text });
      const message = sentMessageSchema.parse(sent);
      return { answer: { channel: message.channel, message: message.id }, isNew: true };
    },
  };
  return operation;
}

function replay(desk: ConnectionDesk): Operation<z.output<typeof replayRequest>, object> {
  return {
    name: "connection.replay",
    request: replayRequest,
    answer: emptyAnswerSchema,
    async run(caller, { id, offset }) {
      await desk.assertMay(caller, "manage", id);
      await desk.find(caller, id);
      await desk.options.replay(id, offset);
      return { answer: {}, isNew: false };
    },
  };
}

/** The ordinary road: what the caller may not do there, it may not do here. */
async function call(
  { options: { operations } }: ConnectionDesk,
  caller: Caller,
  name: string,
  request: object,
): Promise<unknown> {
  const operation = operations.get(name);
  if (operation === undefined) throw new AnywireError("internal", `there is no operation ${name}`);
  return (await operation.run(caller, operation.request.parse(request))).answer;
}
