// @vitest-environment happy-dom
import type { ChannelSummary, SentMessage, Snapshot } from "@anywire/types";
import { act, cleanup, render, screen } from "@testing-library/react";
import { type ReactNode, StrictMode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import type { ChannelEvents } from "../channel.ts";
import type { AnywireClient, ClientEvents, ConnectionStatus } from "../client.ts";
import { Emitter } from "../emitter.ts";
import {
  useChannel,
  useChannels,
  useConnection,
  useConnectionStatus,
  useTimeline,
  useTotals,
} from "./hooks.ts";
import { AnywireProvider } from "./provider.ts";

afterEach(cleanup);

const A = "p.group.a";
const row = { channel: A, title: "A", unread: 3, hidden: false, activityOffset: 9 };
const snapshot = {
  channels: [row as ChannelSummary],
  totals: { unread: 3, unreadChannels: 1 },
  offset: 9,
  epoch: "e",
} as Snapshot;

/** A client that answers by hand, with one channel. */
function createHandClient() {
  const events = new Emitter<ClientEvents>();
  const channelEvents = new Emitter<ChannelEvents>();
  const channel = {
    name: A,
    state: "unsubscribed",
    on: channelEvents.on.bind(channelEvents),
    subscribe: vi.fn(),
    unsubscribe: vi.fn(),
    send: vi.fn<(message: { readonly id: string }) => Promise<SentMessage>>(),
  };
  const state = {
    now: "connected",
    status: { state: "connected", failedAttempts: 0 } as ConnectionStatus,
  };
  const client = {
    get state() {
      return state.now;
    },
    get status() {
      return state.status;
    },
    account: "bob",
    on: events.on.bind(events),
    call: async () => snapshot,
    channel: () => channel,
  } as unknown as AnywireClient;
  return { client, channel, events, channelEvents, state };
}

function Inbox(): ReactNode {
  const titles = useChannels().map(({ title }) => title);
  const { unread } = useTotals();
  const one = useChannel(A)?.unread ?? "none";
  return <p>{`${useConnection()} [${titles.join()}] ${unread} ${one}`}</p>;
}

function Conversation(): ReactNode {
  const [{ messages, outbox }, timeline] = useTimeline(A);
  const said = [...messages, ...outbox].map(({ data }) => data?.text);
  return (
    <button type="button" onClick={() => timeline.send("hello")}>
      {`said ${said.join()}`}
    </button>
  );
}

const inProvider = (client: AnywireClient, child: ReactNode): ReactNode => (
  <StrictMode>
    <AnywireProvider client={client}>{child}</AnywireProvider>
  </StrictMode>
);

test("a component shows the snapshot, each event after it and the connection", async () => {
  const { client, events, state } = createHandClient();
  render(inProvider(client, <Inbox />));
  await screen.findByText("connected [A] 3 3");
  const change = { unread: 0 } as ChannelSummary;
  const totals = { unread: 0, unreadChannels: 0 };
  const event = { event: "channel.read", by: "account:bob", channel: A, change, totals } as const;
  act(() => events.emit("account", { event, offset: 10 }));
  await screen.findByText("connected [A] 0 0");
  state.now = "connecting";
  act(() => events.emit("state", { state: "connecting", failedAttempts: 0 }));
  await screen.findByText("connecting [A] 0 0");
});

test("on a server, which has no snapshot, components show nothing yet", () => {
  const { client } = createHandClient();
  expect(renderToStaticMarkup(inProvider(client, <Inbox />))).toBe("<p>connected [] 0 none</p>");
});

test("a timeline is one for all who show it, open until the last of them is gone", async () => {
  const { client, channel, channelEvents } = createHandClient();
  const sending = Promise.withResolvers<SentMessage>();
  channel.send.mockReturnValue(sending.promise);
  const opened = (): number =>
    channel.subscribe.mock.calls.length - channel.unsubscribe.mock.calls.length;
  const { rerender } = render(
    inProvider(client, [<Conversation key="1" />, <Conversation key="2" />]),
  );
  const entry = { offset: 5, id: "m", kind: "message", sender: "account:ann", at: 1 } as const;
  act(() => channelEvents.emit("entry", { ...entry, data: { text: "hi" } }));
  expect(await screen.findAllByText("said hi")).toHaveLength(2);
  expect(opened()).toBe(1);
  rerender(inProvider(client, [<Conversation key="2" />]));
  expect(opened()).toBe(1);
  act(() => screen.getByRole("button").click());
  await screen.findByText("said hi,hello");
  // What is not sent yet is sent all the same, and still there when somebody looks meanwhile.
  rerender(inProvider(client, null));
  expect(opened()).toBe(1);
  rerender(inProvider(client, <Conversation />));
  await screen.findByText(/hello/);
  rerender(inProvider(client, null));
  expect(opened()).toBe(1);
  const id = channel.send.mock.calls[0]?.[0].id ?? "";
  const place = { channel: A, offset: 6, epoch: "e", timetoken: "1", at: 1 };
  await act(async () => sending.resolve({ id, ...place }));
  expect(opened()).toBe(0);
});

test("a component shows how the connection is doing, also one that comes later", async () => {
  const { client, events, state } = createHandClient();
  const Status = (): ReactNode => <p>{`failed ${useConnectionStatus().failedAttempts}`}</p>;
  const { rerender } = render(inProvider(client, <Status />));
  await screen.findByText("failed 0");
  state.status = { state: "connecting", failedAttempts: 3 };
  act(() => events.emit("state", state.status));
  await screen.findByText("failed 3");
  rerender(inProvider(client, null));
  rerender(inProvider(client, <Status />));
  await screen.findByText("failed 3");
});

test("a hook without a provider says what to do", () => {
  expect(() => renderToStaticMarkup(<Inbox />)).toThrow("put an AnywireProvider");
});
