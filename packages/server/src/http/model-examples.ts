import type {
  Account,
  ChannelInfo,
  ChannelSummary,
  Contact,
  Device,
  MessageView,
  ParticipantInfo,
  Snapshot,
} from "@anywire/types";

const AT = 1_783_526_400_000;
const CHANNEL = "production.group.lobby";
const MESSAGE_ID = "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55";

const channel: ChannelInfo = {
  channel: CHANNEL,
  type: "group",
  title: "Lobby",
  avatarUrl: null,
  connection: null,
  history: "all",
  participants: ["account:bob", "account:ann"],
  participantCount: 2,
  messages: 7,
  archived: false,
  meta: {},
  createdAt: AT,
};

const { messages: _, ...info } = channel;

const summary: ChannelSummary = {
  ...info,
  role: "owner",
  lastMessage: {
    id: MESSAGE_ID,
    offset: 1042,
    sender: "account:ann",
    at: AT,
    text: "Hello, everyone",
    parts: [],
    deleted: false,
  },
  activityOffset: 1042,
  activityAt: AT,
  readOffset: 1040,
  unread: 1,
  mutedUntil: null,
  hidden: false,
};

const account: Account = { id: "bob", name: "Bob", avatarUrl: null, meta: {}, createdAt: AT };

const message: MessageView = {
  id: MESSAGE_ID,
  channel: CHANNEL,
  offset: 1042,
  sender: "account:bob",
  at: AT,
  version: 1,
  editedAt: null,
  deleted: false,
  pinned: false,
  replies: 0,
  reactions: [{ emoji: "👍", count: 1, mine: false, accounts: ["account:ann"] }],
  data: { text: "Hello, everyone" },
};

const participant: ParticipantInfo = {
  address: "account:bob",
  role: "owner",
  joinedAt: AT,
  readOffset: 1040,
  deliveredOffset: 1042,
};

const device: Device = { id: "phone-1", name: null, kind: "ios", push: null, addedAt: AT };

const contact: Contact = {
  id: "k3f0",
  name: "Ann",
  addresses: [{ address: "phone:+447700900123", addedAt: AT, verifiedAt: null, from: [] }],
  mergedInto: null,
  meta: {},
  createdAt: AT,
};

const snapshot: Snapshot = {
  account,
  channels: [summary],
  totals: { unread: 1, unreadChannels: 1 },
  offset: 1042,
  epoch: "5f1c7c0a",
};

/** What the messaging model's requests and answers look like. */
export const EXAMPLES = {
  openChannel: { type: "group", title: "Lobby", participants: ["account:ann"] },
  channel,
  summary,
  account,
  message,
  participant,
  device,
  contact,
  consent: {
    address: "phone:+447700900123",
    connection: null,
    state: "out",
    source: "operator",
    reason: "asked by phone",
  },
  snapshot,
  presence: {
    accounts: [
      { account: "bob", status: "online", lastSeenAt: null },
      { account: "june", status: "offline", lastSeenAt: AT },
    ],
  },
  read: { channel: CHANNEL, readOffset: 1042, unread: 0 },
  muted: { channel: CHANNEL, mutedUntil: 1_783_530_000_000 },
  unmuted: { channel: CHANNEL, mutedUntil: null },
  hidden: { channel: CHANNEL, hidden: true },
  shown: { channel: CHANNEL, hidden: false },
} as const;
