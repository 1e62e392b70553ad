import { type Caller, canonicalAddress, emptyAnswerSchema, type Operation } from "@anywire/core";
import {
  AnywireError,
  channelSchema,
  connectionRequestSchema,
  parseAddress,
  sentMessageSchema,
  testConnectionAnswerSchema,
  testConnectionRequestSchema,
} from "@anywire/types";
import { z } from "zod";
import type { Connector } from "../../contract/connector.ts";
import { chooseAddress } from "../outbound/choose-address.ts";
import type { ConnectionDesk } from "./connection-desk.ts";

/** What a message that tries a connection out came through: by it those who plan and fold know that it is no conversation. */
export const CONNECTION_TEST = "connection-test";

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
      const { connector: connectorId } = await desk.find(caller, id);
      const connector = desk.connector(connectorId);
      assertReaches(connector, id, to);
      const opened = await call(desk, caller, "channel.open", {
        type: connector.channelType.name,
        participants: [to],
        connection: id,
      });
      const { channel } = channelSchema.parse(opened);
      const trying = { ...caller, client: CONNECTION_TEST };
      const sent = await call(desk, trying, "message.send", { channel, text });
      const message = sentMessageSchema.parse(sent);
      return { answer: { channel: message.channel, message: message.id }, isNew: true };
    },
  };
  return operation;
}

/** Before anybody is made of the address. @throws {AnywireError} `bad_request` that says what the connection reaches */
function assertReaches(connector: Connector, id: string, to: string): void {
  const address = canonicalAddress(to);
  // Which addresses a contact has is for its delivery to tell.
  if (parseAddress(address).kind === "contact") return;
  const addresses = [{ address, addedAt: 0, verifiedAt: null, from: [] }];
  if (chooseAddress({ addresses }, connector) !== undefined) return;
  const kinds = [...connector.addressKinds, ...Object.keys(connector.alsoReaches ?? {})].join(
    " or ",
  );
  throw new AnywireError(
    "bad_request",
    `connection ${id} does not reach ${to}; give an address of kind ${kinds}`,
  );
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
