import { useClient } from "@anywire/client/react";
import { useState } from "react";

/** What can be opened here. */
export type NewChannelType = "direct" | "group";

/** How far the opening of a channel is. */
export interface NewChannel {
  readonly isOpening: boolean;
  /** Why it was refused. */
  readonly problem: string | undefined;
  /** Opens a channel with accounts, beside oneself; the title is for groups. */
  open(type: NewChannelType, accounts: readonly string[], title: string): Promise<void>;
}

/** Opens channels, and hands their names over. */
export function useNewChannel(onOpened: (channel: string) => void): NewChannel {
  const client = useClient();
  const [isOpening, setIsOpening] = useState(false);
  const [problem, setProblem] = useState<string>();
  const open: NewChannel["open"] = async (type, accounts, title) => {
    setIsOpening(true);
    setProblem(undefined);
    try {
      const { name } = await client.channels.open({
        type,
        participants: accounts.map((account) => `account:${account}`),
        ...(type === "group" ? { title } : {}),
      });
      onOpened(name);
    } catch (thrown) {
      setProblem((thrown as Error).message);
    } finally {
      setIsOpening(false);
    }
  };
  return { isOpening, problem, open };
}
