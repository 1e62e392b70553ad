import type { Command, Method } from "../protocol.ts";
import type { Session } from "../session.ts";
import { connect } from "./connect.ts";
import { history } from "./history.ts";
import { ping } from "./ping.ts";
import { presence, presenceStats } from "./presence.ts";
import { publish } from "./publish.ts";
import { refresh } from "./refresh.ts";
import { rpc, send } from "./rpc.ts";
import { subRefresh } from "./sub-refresh.ts";
import { subscribe } from "./subscribe.ts";
import { unsubscribe } from "./unsubscribe.ts";

/** Handles a command: answers by `session.reply`, or throws the error to answer with. */
export type CommandHandler = (session: Session, command: Command) => void | Promise<void>;

/** Every command and what handles it. */
export const COMMANDS: Readonly<Record<Method, CommandHandler>> = {
  connect,
  subscribe,
  unsubscribe,
  publish,
  presence,
  presence_stats: presenceStats,
  history,
  rpc,
  send,
  refresh,
  sub_refresh: subRefresh,
  ping,
};
