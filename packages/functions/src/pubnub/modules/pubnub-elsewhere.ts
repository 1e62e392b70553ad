import { unsupported } from "../unsupported.ts";

const CONTEXT = 'currentContext() of "@anywire/functions/pubnub"';

const FIRE =
  "every entry is delivered to who follows its channel; publish on a channel that nobody but functions follows";
const TOKENS = "access is by the tokens of accounts; see the guide of authentication";
const STATE = "a connection has no state of its own; keep it with kvstore";
const GROUPS = "there are no channel groups; clients follow a pattern, such as production.group.*";
const OBJECTS = `use channels.get, channels.update and channels.participants of ${CONTEXT}`;
const ACTIONS = "a function reads reactions with channels.message, and does not react itself";
const PUSH = "accounts register their devices themselves";
const FILES = "files are attachments: parts of a message that have a URL";
const READ = `use channels.messages of ${CONTEXT}`;
const LISTEN = "bind a function to the channel";

/** What PubNub's module has and this platform does otherwise, by name: what to do instead. */
const ASYNC = {
  fire: FIRE,
  grant: TOKENS,
  grantToken: TOKENS,
  revokeToken: TOKENS,
  whereNow: `use channels.present of ${CONTEXT} for each channel`,
  setState: STATE,
  getState: STATE,
  messageCounts: READ,
  deleteMessages: "a message is deleted by a participant or an administrator",
  addMessageAction: ACTIONS,
  removeMessageAction: ACTIONS,
  getMessageActions: ACTIONS,
  listFiles: FILES,
  deleteFile: FILES,
  publishFile: FILES,
  sendFile: FILES,
  downloadFile: FILES,
} as const;

/** Those that give their answer at once. */
const SYNC = {
  parseToken: TOKENS,
  getFileUrl: FILES,
  subscribe: LISTEN,
  unsubscribe: LISTEN,
  addListener: LISTEN,
} as const;

/** Those that PubNub keeps together. */
const GROUPED = {
  channelGroups: {
    instead: GROUPS,
    methods: ["addChannels", "listChannels", "removeChannels", "deleteGroup", "listGroups"],
  },
  objects: {
    instead: OBJECTS,
    methods: [
      "getAllUUIDMetadata",
      "getUUIDMetadata",
      "setUUIDMetadata",
      "removeUUIDMetadata",
      "getAllChannelMetadata",
      "getChannelMetadata",
      "setChannelMetadata",
      "removeChannelMetadata",
      "getMemberships",
      "setMemberships",
      "removeMemberships",
      "getChannelMembers",
      "setChannelMembers",
      "removeChannelMembers",
    ],
  },
  push: {
    instead: PUSH,
    methods: ["addChannels", "listChannels", "removeChannels", "deleteDevice"],
  },
} as const;

type Rejecting<Name extends string> = Readonly<Record<Name, () => Promise<never>>>;
type Throwing<Name extends string> = Readonly<Record<Name, () => never>>;
type Groups = {
  readonly [G in keyof typeof GROUPED]: Rejecting<(typeof GROUPED)[G]["methods"][number]>;
};

/** All of these throw or reject with `unsupported`, which names the method and what to do instead. */
export const elsewhere = {
  ...fromEntries<Rejecting<keyof typeof ASYNC>>(
    Object.entries(ASYNC).map(([name, instead]) => [name, rejecting(name, instead)]),
  ),
  ...fromEntries<Throwing<keyof typeof SYNC>>(
    Object.entries(SYNC).map(([name, instead]) => [name, throwing(name, instead)]),
  ),
  ...fromEntries<Groups>(
    Object.entries(GROUPED).map(([group, { instead, methods }]) => [
      group,
      Object.fromEntries(methods.map((name) => [name, rejecting(`${group}.${name}`, instead)])),
    ]),
  ),
};

function rejecting(name: string, instead: string): () => Promise<never> {
  return async () => {
    throw unsupported(`pubnub.${name}`, instead);
  };
}

function throwing(name: string, instead: string): () => never {
  return () => {
    throw unsupported(`pubnub.${name}`, instead);
  };
}

function fromEntries<R>(entries: readonly (readonly [string, unknown])[]): R {
  return Object.fromEntries(entries) as R;
}
