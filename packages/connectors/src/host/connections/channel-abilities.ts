import { type ChannelDocument, channelKey, createSecondLook, type Operation } from "@anywire/core";
import {
  AnywireError,
  type ChannelAbilities,
  type ChannelAbilitiesAnswer,
  channelAbilitiesAnswerSchema,
  channelNameSchema,
} from "@anywire/types";
import { z } from "zod";
import { isDeleting, isEditing, isReacting } from "../../contract/abilities.ts";
import type { Capabilities } from "../../contract/capabilities.ts";
import type { ConnectionDesk } from "./connection-desk.ts";
import type { OpenConnection } from "./connections.ts";

const request = z.strictObject({ channel: channelNameSchema });

/** What reaches those outside of a channel, for whoever may read it: a window offers that and nothing else. */
export function channelAbilities(
  desk: ConnectionDesk,
): Operation<z.output<typeof request>, ChannelAbilitiesAnswer> {
  const { access, log, state, registry, connections } = desk.options;
  const secondLook = createSecondLook(log, state);
  return {
    name: "channel.abilities",
    request,
    answer: channelAbilitiesAnswerSchema,
    async run({ principal }, { channel }) {
      await access.assertMay(principal, "subscribe", channel);
      const document = await secondLook(channel, async () => {
        const { values } = await state.get([channelKey(channel)]);
        if (values[0] !== undefined) return values[0] as ChannelDocument;
        throw new AnywireError("not_found", `nobody has opened ${channel}; open it first`);
      });
      const outward = registry.list().find(({ channelType }) => channelType.name === document.type);
      if (outward === undefined) return { answer: { outside: null }, isNew: false };
      const { network } = outward.channelType;
      const id = document.connection ?? (await connections.defaultOf(principal.platform, network));
      const connection = id === undefined ? undefined : await connections.find(id);
      if (connection?.document.platform !== principal.platform) {
        throw new AnywireError("not_found", `there is no connection for ${channel}; create one`);
      }
      return { answer: { outside: abilitiesOf(connection) }, isNew: false };
    },
  };
}

function abilitiesOf({ connector, capabilities }: OpenConnection): ChannelAbilities {
  const { edit, delete: takesBack, reactions, reply, media = {}, maxMedia = 1 } = capabilities;
  return {
    network: connector.network,
    edit: isEditing(connector) ? limitOf(edit) : null,
    delete: isDeleting(connector) ? limitOf(takesBack) : null,
    reactions: isReacting(connector) ? reactionsOf(reactions) : [],
    reply: reply === "full" || reply === "partial",
    media: Object.entries(media).map(([kind, { level, mimeTypes, maxBytes }]) => ({
      kind: kind as keyof typeof media,
      level,
      ...(mimeTypes === undefined ? {} : { mimeTypes: [...mimeTypes] }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    })),
    maxMedia,
  };
}

function limitOf(ability: Capabilities["edit"]): ChannelAbilities["edit"] {
  return ability === undefined ? null : { maxAgeMs: ability.maxAgeMs ?? null };
}

function reactionsOf(reactions: Capabilities["reactions"] = []): ChannelAbilities["reactions"] {
  return reactions === "any" ? "any" : [...reactions];
}
