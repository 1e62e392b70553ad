import { useClient } from "@anywire/client/react";
import { useState } from "react";

/** What to open. */
export interface NewChannelRequest {
  /** `direct`, `group`, or a network's. */
  readonly type: string;
  /** Addresses, beside one's own. */
  readonly participants: readonly string[];
  /** Empty for none. */
  readonly title: string;
  /** Tells channels with the same participants apart. */
  readonly thread?: string;
}

/** How far the opening of a channel is. */
export interface NewChannel {
  readonly isOpening: boolean;
  /** Why it was refused. */
  readonly problem: string | undefined;
  /** Opens a channel. */
  open(request: NewChannelRequest): Promise<void>;
}

/** Opens channels, and hands their names over. */
export function useNewChannel(onOpened: (channel: string) => void): NewChannel {
  const client = useClient();
  const [isOpening, setIsOpening] = useState(false);
  const [problem, setProblem] = useState<string>();
  const open: NewChannel["open"] = async ({ participants, title, ...request }) => {
    setIsOpening(true);
    setProblem(undefined);
    try {
      const { name } = await client.channels.open({
        ...request,
        participants: [...participants],
        ...(title === "" ? {} : { title }),
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
