import { AsyncLocalStorage } from "node:async_hooks";
import type { ChatAuthor, ChatMessage } from "./chat-adapter.ts";
import { ChatState } from "./chat-state.ts";

type Lazy<T> = T | (() => Promise<T>);

/** Something that an adapter told of while it handled a request. */
export type ChatTold =
  | { readonly kind: "message"; readonly threadId: string; readonly message: ChatMessage }
  | { readonly kind: "edit"; readonly threadId: string; readonly message: ChatMessage }
  | {
      readonly kind: "delete";
      readonly threadId: string;
      readonly messageId: string;
      readonly author: ChatAuthor | undefined;
    }
  | {
      readonly kind: "reaction";
      readonly threadId: string;
      readonly messageId: string;
      readonly author: ChatAuthor;
      readonly emoji: unknown;
      readonly rawEmoji: string;
      readonly isAdded: boolean;
    }
  | { readonly kind: "other"; readonly what: string };

interface Capture {
  readonly told: Promise<ChatTold>[];
  readonly tasks: Promise<unknown>[];
}

interface UpdatedEvent {
  readonly threadId: string;
  readonly message: Lazy<ChatMessage>;
}
interface DeletedEvent {
  readonly threadId: string;
  readonly messageId: string;
  readonly previousMessage?: ChatMessage;
}
interface ReactedEvent {
  readonly threadId: string;
  readonly messageId: string;
  readonly user: ChatAuthor;
  readonly emoji: unknown;
  readonly rawEmoji: string;
  readonly added: boolean;
}

/** Where adapters log. */
export interface ChatLogger {
  child(prefix: string): ChatLogger;
  debug(message: string, ...more: unknown[]): void;
  info(message: string, ...more: unknown[]): void;
  warn(message: string, ...more: unknown[]): void;
  error(message: string, ...more: unknown[]): void;
}

/** What adapters log is not shown: it may have secrets and texts of people in it. */
export const SILENT_LOGGER: ChatLogger = {
  child: () => SILENT_LOGGER,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * Stands where an adapter expects the Chat SDK's `Chat`: it answers nobody, and keeps what it is told for the request that is being
 * handled. Requests beside each other do not mix.
 */
export class ChatHost {
  readonly #captures = new AsyncLocalStorage<Capture>();
  readonly #state = new ChatState();

  /** What is told while the work runs, in its order, also by what it leaves behind for later. */
  async capture(
    work: (waitUntil: (task: Promise<unknown>) => void) => Promise<void>,
  ): Promise<readonly ChatTold[]> {
    const capture: Capture = { told: [], tasks: [] };
    await this.#captures.run(capture, () =>
      this.#state.forRequest(async () => {
        await work((task) => {
          // A task that fails may be a courtesy, such as showing that somebody types.
          capture.tasks.push(task.catch(() => undefined));
        });
        for (let done = 0; done < capture.tasks.length; done = capture.tasks.length) {
          await Promise.all(capture.tasks);
        }
      }),
    );
    return Promise.all(capture.told);
  }

  /** What the adapter is given. It has every method of the Chat SDK's `ChatInstance`. */
  instance(): object {
    const other = (what: string) => async (): Promise<undefined> => {
      this.#tell({ kind: "other", what });
      return undefined;
    };
    const unused = (): never => {
      throw new Error("the bridge keeps no history");
    };
    return {
      getLogger: () => SILENT_LOGGER,
      getState: () => this.#state,
      getUserName: () => "anywire",
      abortTurn: async () => undefined,
      handleIncomingMessage: (_: unknown, threadId: string, message: ChatMessage) =>
        this.#message("message", threadId, message),
      processMessage: (_: unknown, threadId: string, message: Lazy<ChatMessage>) =>
        this.#message("message", threadId, message),
      processMessageUpdated: ({ threadId, message }: UpdatedEvent) =>
        this.#message("edit", threadId, message),
      processMessageDeleted: async ({ threadId, messageId, previousMessage }: DeletedEvent) =>
        this.#tell({ kind: "delete", threadId, messageId, author: previousMessage?.author }),
      processReaction: async ({
        threadId,
        messageId,
        user,
        emoji,
        rawEmoji,
        added,
      }: ReactedEvent) =>
        this.#tell({
          kind: "reaction",
          threadId,
          messageId,
          author: user,
          emoji,
          rawEmoji,
          isAdded: added,
        }),
      processAction: other("an action"),
      processSlashCommand: other("a command"),
      processModalClose: other("a dialogue that was closed"),
      processModalSubmit: other("a dialogue that was sent"),
      processOptionsLoad: other("a question for options"),
      processAgentSessionStopped: other("an agent's session"),
      processAgentSessionTitleChanged: other("an agent's session"),
      processAppContextChanged: other("a change of context"),
      processAppHomeOpened: other("a home page that was opened"),
      processAssistantContextChanged: other("a change of context"),
      processAssistantThreadStarted: other("an assistant's thread"),
      processInstalled: other("an installation"),
      processUninstalled: other("a deinstallation"),
      processMemberJoinedChannel: other("somebody who joined"),
      get history(): never {
        return unused();
      },
      get transcripts(): never {
        return unused();
      },
    };
  }

  async #message(
    kind: "message" | "edit",
    threadId: string,
    message: Lazy<ChatMessage>,
  ): Promise<void> {
    const read = async (): Promise<ChatTold> => ({
      kind,
      threadId,
      message: typeof message === "function" ? await message() : message,
    });
    const told = read();
    // Whoever captures hears of its failure; this keeps the process alive until then.
    told.catch(() => undefined);
    this.#captures.getStore()?.told.push(told);
  }

  #tell(told: ChatTold): void {
    this.#captures.getStore()?.told.push(Promise.resolve(told));
  }
}
