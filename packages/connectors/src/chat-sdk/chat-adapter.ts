/** Who wrote, as an adapter tells. */
export interface ChatAuthor {
  readonly userId: string;
  readonly userName: string;
  readonly fullName: string;
  readonly isBot: boolean | "unknown";
  readonly isMe: boolean;
}

/** A file of a message, as an adapter tells. */
export interface ChatAttachment {
  readonly type: "image" | "file" | "video" | "audio";
  readonly url?: string;
  readonly name?: string;
  readonly mimeType?: string;
  readonly size?: number;
  readonly fetchMetadata?: Record<string, string>;
  readonly fetchData?: () => Promise<ArrayBuffer | Uint8Array>;
}

/** A message, as an adapter tells. */
export interface ChatMessage {
  readonly id: string;
  readonly threadId: string;
  readonly text: string;
  readonly author: ChatAuthor;
  readonly attachments: readonly ChatAttachment[];
  readonly metadata: { readonly dateSent: Date; readonly editedAt?: Date };
  readonly replyTo?: { readonly id: string };
}

/** Text that stays what it is: as a tree, which an adapter escapes for its network, or passed through as it stands. */
export type ChatText =
  | {
      readonly ast: {
        readonly type: "root";
        readonly children: readonly {
          readonly type: "paragraph";
          readonly children: readonly { readonly type: "text"; readonly value: string }[];
        }[];
      };
    }
  | { readonly raw: string };

/** What an adapter posts. */
export type ChatPost = ChatText & {
  readonly files?: readonly {
    readonly data: Buffer;
    readonly filename: string;
    readonly mimeType: string;
  }[];
};

/** What became of a post. */
export interface ChatPosted {
  readonly id: string;
  readonly threadId: string;
}

/**
 * The part of the Chat SDK's `Adapter` that the bridge uses. Written down here so that adapters of any version fit, and so that nothing
 * of the Chat SDK is needed by those who do not use it.
 * @see https://github.com/vercel/chat
 */
export interface ChatAdapter {
  readonly name: string;
  initialize(chat: never): Promise<void>;
  handleWebhook(
    request: Request,
    options?: { waitUntil?: (task: Promise<unknown>) => void },
  ): Promise<Response>;
  channelIdFromThreadId(threadId: string): string;
  postMessage(threadId: string, message: never): Promise<ChatPosted>;
  editMessage(threadId: string, messageId: string, message: never): Promise<ChatPosted>;
  deleteMessage(threadId: string, messageId: string): Promise<void>;
  addReaction(threadId: string, messageId: string, emoji: string): Promise<void>;
  removeReaction(threadId: string, messageId: string, emoji: string): Promise<void>;
  startTyping(threadId: string): Promise<void>;
  isDM?(threadId: string): boolean;
  openDM?(userId: string): Promise<string>;
  reply?(threadId: string, messageId: string, message: never): Promise<ChatPosted>;
  markAsRead?(threadId: string, messageId: string): Promise<void>;
  rehydrateAttachment?(attachment: never): unknown;
  disconnect?(): Promise<void>;
}
