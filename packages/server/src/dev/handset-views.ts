import type { HandsetMessage, Level } from "@anywire/connectors";
import type { HandsetMessageView, HandsetNetwork, HandsetPersons } from "@anywire/types";
import type { DevNetwork } from "./dev-networks.ts";
import { isWithinReach } from "./handset-media.ts";

/** How many of a person's messages a page gets. */
const MAX_MESSAGES = 200;

/** A network as its page knows it. */
export function viewNetwork(network: DevNetwork): HandsetNetwork {
  const { connection, connector, simulator, capabilities } = network;
  const { handset } = simulator;
  // What a connection can send tells what its network can carry.
  const { media, reply } = capabilities;
  return {
    id: connector.id,
    network: connector.network,
    displayName: connector.displayName,
    connection,
    business: handset.business,
    identity: handset.identity,
    abilities: {
      media: Object.values(media ?? {}).some(({ level }) => isShown(level)),
      reply: isShown(reply),
      subject: connector.network === "email",
      read: handset.read !== undefined,
      react: handset.react !== undefined,
      typing: handset.typing !== undefined,
      identity: handset.changeIdentity !== undefined,
    },
    faults: [...simulator.faults],
  };
}

/** All persons of a network, the latest first. */
export function viewPersons(network: DevNetwork): HandsetPersons {
  const { handset } = network.simulator;
  const knowsReading = handset.read !== undefined;
  return {
    persons: handset.persons().map((person) => {
      const messages = handset.messages(person);
      const last = messages.at(-1);
      return {
        person,
        unread: knowsReading ? messages.filter(isUnread).length : 0,
        last: last === undefined ? null : viewMessage(network, last),
      };
    }),
  };
}

/** A person's newest messages, oldest first. */
export function viewMessages(network: DevNetwork, person: string): HandsetMessageView[] {
  const messages = network.simulator.handset.messages(person).slice(-MAX_MESSAGES);
  return messages.map((message) => viewMessage(network, message));
}

/** A message as a page gets it: its media by paths of this server, since pages load nothing from elsewhere. */
export function viewMessage(
  { connector }: DevNetwork,
  message: HandsetMessage,
): HandsetMessageView {
  const { person, business: _, media, ...shown } = message;
  return {
    ...shown,
    media: media.map(({ name, mimeType, url }, index) => {
      const query = new URLSearchParams({ person, message: message.id, index: `${index}` });
      const path = `dev/handset/${connector.id}/media?${query}`;
      return { name, mimeType, url: isWithinReach(url) ? path : webUrl(url) };
    }),
  };
}

function isShown(level: Level = "dropped"): boolean {
  return level === "full" || level === "partial";
}

function isUnread({ direction, status, isDeleted }: HandsetMessage): boolean {
  return direction === "in" && (status === "sent" || status === "delivered") && !isDeleted;
}

/** Empty for what no page may link to, such as `javascript:`. */
function webUrl(url: string): string {
  return /^https?:\/\//i.test(url) ? url : "";
}
