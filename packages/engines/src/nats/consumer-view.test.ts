import { expect, it } from "vitest";
import type { NamedState } from "./consumer-records.ts";
import { ConsumerView } from "./consumer-view.ts";
import type { StoredPage } from "./stream-reader.ts";

// A page asked for before a broken connection and answered after it hid all records before it for good: whoever had stood
// by never took those consumers over.
it("knows all consumers again when what is known was forgotten while changes were read", async () => {
  const answer = Promise.withResolvers<void>();
  const stored = [stateOf("old", 1)];
  const states = async (from: number): Promise<StoredPage<NamedState>> => {
    if (from === 2) await answer.promise;
    const items = stored.filter(({ state }) => state.seq >= from);
    return { items, lastSeq: items.at(-1)?.state.seq ?? 0, hasMore: false };
  };
  const records = { states, lease: async () => undefined };
  const view = new ConsumerView(records, { writeLease: async () => null });
  await view.free([], "own");
  stored.push(stateOf("new", 2));
  const reading = view.free(["old", "new"], "own");
  view.forget();
  answer.resolve();
  expect([...(await reading).keys()]).toEqual(["old", "new"]);
  expect([...(await view.free(["old", "new"], "own")).keys()]).toEqual(["old", "new"]);
});

function stateOf(name: string, seq: number): NamedState {
  return { name, state: { seq, time: "", item: { lease: "", position: 0, stamp: name } } };
}
