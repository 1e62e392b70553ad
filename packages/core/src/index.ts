export type {
  Appended,
  Consumer,
  ConsumerOptions,
  DeadLetter,
  EntryDraft,
  EntryHandler,
  Log,
  LogCapabilities,
  LogEntry,
  LogPage,
  LogQuery,
} from "./ports/log.ts";
export type {
  LiveEvent,
  Presence,
  PresenceCapabilities,
  PresenceMember,
  PresenceStats,
} from "./ports/presence.ts";
