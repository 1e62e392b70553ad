import { useClient, useConnection } from "@anywire/client/react";
import type { ChannelAbilities } from "@anywire/types";
import { useEffect, useState } from "react";

/** What a channel's network brings to those outside: null where it leads over none, undefined while it is not known. */
export type Outside = ChannelAbilities | null | undefined;

/** Asks what a channel's network can do. `network` is the one that it leads over. */
export function useAbilities(channel: string, network: string | undefined): Outside {
  const client = useClient();
  const isConnected = useConnection() === "connected";
  const [outside, setOutside] = useState<ChannelAbilities | null>();
  useEffect(() => {
    if (network === undefined || !isConnected) return undefined;
    let isOver = false;
    client.call("channel.abilities", { channel }).then(
      (answer) => {
        if (!isOver) setOutside(answer.outside);
      },
      // Where it can't be told, nothing is offered that might do nothing.
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [client, channel, network, isConnected]);
  return network === undefined ? null : outside;
}
