import { expect, test } from "vitest";
import { type RandomSeed, randomSeed } from "./crash/random-seed.ts";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp } from "./support/http-call.ts";
import {
  ACTIONS,
  type Action,
  codeOf,
  type Fate,
  fateOf,
  type ModelFunction,
} from "./support/model-functions.ts";
import { connectRaw, type RawClient, type WireReply } from "./support/raw-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const PUBLISHERS = 4;
const MESSAGES = 150;
const ROOMS = ["r0", "r1", "r2", "r3", "r4"];
/** One for each function, none of which is in a name. */
const LETTERS = "abcdeghi";
/** One message in so many has a function's letter; fewer have that of one that is late, which takes its time. */
const ONE_IN = 3;
const ONE_IN_IS_LATE = 30;

/** A message on its way. */
interface Said {
  readonly id: string;
  readonly channel: string;
  readonly text: string;
}

function roomChannel(room: string | undefined): string {
  return `production.group.${room}`;
}

function pick<T>({ upTo }: RandomSeed, from: readonly T[]): T {
  return from[upTo(from.length) - 1] as T;
}

/** Every action, some twice, in any order. */
function randomActions(random: RandomSeed): Action[] {
  // A second one that is late would only take time.
  const more = () => pick<Action>(random, ["ok", "change", "reroute"]);
  const actions = [...ACTIONS, more(), more()];
  for (let i = actions.length - 1; i > 0; i -= 1) {
    const j = random.upTo(i + 1) - 1;
    const [one, other] = [actions[i], actions[j]] as [Action, Action];
    [actions[i], actions[j]] = [other, one];
  }
  return actions;
}

function randomFunctions(random: RandomSeed): ModelFunction[] {
  return randomActions(random).map((action, i) => ({
    name: `f${i}`,
    letter: LETTERS[i] ?? "",
    action,
    room: random.upTo(3) === 1 ? null : pick(random, ROOMS),
    target: roomChannel(pick(random, ROOMS)),
    isLenient: random.upTo(3) === 1,
    turns: random.upTo(6) - 1,
  }));
}

function randomMessages(
  random: RandomSeed,
  publisher: number,
  functions: readonly ModelFunction[],
): Said[] {
  return Array.from({ length: MESSAGES }, (_, i) => {
    const letters = functions
      .filter(({ action }) => random.upTo(action === "late" ? ONE_IN_IS_LATE : ONE_IN) === 1)
      .map(({ letter }) => letter);
    const text = `${letters.join("")}.`;
    return { id: `p${publisher}-${i}`, channel: roomChannel(pick(random, ROOMS)), text };
  });
}

/** Says everything at once, some of it in one frame. */
async function sayAll(client: RawClient, random: RandomSeed, said: readonly Said[]) {
  const replies: Promise<WireReply[]>[] = [];
  for (let from = 0; from < said.length; ) {
    const to = from + random.upTo(20);
    const commands = said
      .slice(from, to)
      .map((data) => ({ rpc: { method: "message.send", data } }));
    replies.push(client.requestAll(commands));
    from = to;
  }
  return (await Promise.all(replies)).flat();
}

/** What a reply says that became of a message, in the words of the model. */
function toldBy({ rpc, error }: WireReply): unknown {
  if (error === undefined) return (rpc as { data: { channel: string } }).data.channel;
  return `${error.code} ${error.message}`;
}

function expectedReply(fate: Fate): unknown {
  if (fate.kind === "sent") return fate.channel;
  if (fate.kind === "aborted") return `422 ${fate.reason}`;
  const words = {
    threw: "failed",
    late: "took too long",
    bad_result: "gave an answer that is none",
  };
  return `520 the function ${fate.name} ${words[fate.failure]}; try again later, its log has the cause`;
}

async function storedIn(
  server: TestServer,
  channel: string,
): Promise<(readonly [string, string])[]> {
  const path = `/v1/channels/${channel}/entries?limit=1000`;
  const { body } = await callHttp(server, await server.token("reader"), "GET", path);
  expect(body.cursor).toBeUndefined();
  return body.entries.map(({ id, data }: { id: string; data: { text: string } }) => [
    id,
    data.text,
  ]);
}

test.each([1, 2])(
  "random functions on random channels: each message has the fate that the rules say, is answered once, and keeps its place (%d)",
  async () => {
    const random = randomSeed();
    const functions = randomFunctions(random);
    const files = Object.fromEntries(functions.map((one) => [`${one.name}.ts`, codeOf(one)]));
    const { path: directory } = await functionsDirectory(files);
    const server = await startTestServer({
      functions: { source: "directory", directory },
      socket: { maxCommandsPerSecond: 1_000_000, maxCommandBurst: 1_000_000 },
    });
    const why = `TEST_SEED=${random.seed}`;
    const said = Array.from({ length: PUBLISHERS }, (_, i) => randomMessages(random, i, functions));
    const clients = await Promise.all(said.map((_, i) => connectRaw(server, `publisher-${i}`)));
    const replies = await Promise.all(
      clients.map((client, i) => sayAll(client, random, said[i] ?? [])),
    );
    const all = said.flat();
    const fates = all.map(({ channel, text }) => fateOf(functions, channel, text));
    expect(replies.flat().map(toldBy), why).toEqual(fates.map(expectedReply));
    for (const client of clients) {
      // Nothing was answered a second time: besides those of the messages there is the one to `connect`.
      expect(client.replies.items.filter(({ id }) => id !== undefined)).toHaveLength(MESSAGES + 1);
    }
    for (const channel of ROOMS.map(roomChannel)) {
      const stored = await storedIn(server, channel);
      const expected = all.flatMap(({ id }, i) => {
        const fate = fates[i];
        return fate?.kind === "sent" && fate.channel === channel ? [[id, fate.text] as const] : [];
      });
      expect([...stored].sort(), why).toEqual([...expected].sort());
      assertInOrder(
        stored.map(([id]) => id),
        all,
        why,
      );
    }
    console.log(`${why}: ${countsOf(fates)}`);
  },
  60_000,
);

/** What one publisher said on one channel is in the order in which it was said, wherever it went. */
function assertInOrder(ids: readonly string[], all: readonly Said[], why: string): void {
  const places = new Map(all.map(({ id, channel }, place) => [id, { place, channel }]));
  const latest = new Map<string, number>();
  for (const id of ids) {
    const { place = -1, channel } = places.get(id) ?? {};
    const lane = `${id.split("-")[0]} ${channel}`;
    expect(place, `${id}, ${why}`).toBeGreaterThan(latest.get(lane) ?? -1);
    latest.set(lane, place);
  }
}

function countsOf(fates: readonly Fate[]): string {
  const counts = new Map<string, number>();
  for (const fate of fates) {
    const what = fate.kind === "failed" ? fate.failure : fate.kind;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${what} ${count}`).join(", ");
}
