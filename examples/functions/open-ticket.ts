import { onRequest } from "@anywire/functions";

/** Who answers tickets: an account that is known, `POST /v1/accounts`. */
const SUPPORT = "account:support";

/** Opens a group of whoever asks and the support, says there what it is about, and answers with the group's name. */
export default onRequest("POST /tickets", async (event, { channels, publish }) => {
  const ticket = await event.json<{ subject?: unknown; text?: unknown } | null>();
  const { subject, text } = ticket ?? {};
  if (!isText(subject, 100) || !isText(text, 5_000)) {
    return event.respond({ error: "a ticket has a subject and a text" }, { status: 400 });
  }
  const customer = `account:${event.accountId}`;
  const { channel } = await channels.open({
    type: "group",
    title: subject,
    participants: [customer, SUPPORT],
    meta: { isTicket: true },
  });
  await publish(channel, text, { sender: customer });
  return event.respond(
    { channel },
    { status: 201, headers: { location: `/v1/channels/${channel}` } },
  );
});

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= maxLength;
}
