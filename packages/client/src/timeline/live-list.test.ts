import { expect, test } from "vitest";
import { LiveList } from "./live-list.ts";

/** A list of names whose answers the test gives, the first to the first question. */
function openList() {
  let names: readonly string[] = [];
  const asked: PromiseWithResolvers<readonly string[]>[] = [];
  const list = new LiveList<readonly string[]>((change) => {
    names = change(names);
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    names: () => names,
    come: (name: string) => list.change((known) => [...known.filter((one) => one !== name), name]),
    go: (name: string) => list.change((known) => known.filter((one) => one !== name)),
    read: () => {
      const question = Promise.withResolvers<readonly string[]>();
      asked.push(question);
      void list.read(async () => {
        const answer = await question.promise;
        return () => answer;
      });
    },
    answer: (answer: readonly string[]) => {
      asked.shift()?.resolve(answer);
      return settled();
    },
    fail: () => {
      asked.shift()?.reject(new Error("the connection is gone"));
      return settled();
    },
  };
}

test("who comes while the list is on its way is not forgotten", async () => {
  const { read, come, answer, names } = openList();
  read();
  come("bob");
  come("june");
  await answer(["bob"]);
  expect(names()).toEqual(["bob", "june"]);
});

test("who goes while the list is on its way is gone", async () => {
  const { read, go, answer, names } = openList();
  read();
  go("june");
  await answer(["bob", "june"]);
  expect(names()).toEqual(["bob"]);
});

test("a list says nothing about who came and went before it was asked for", async () => {
  const { read, come, answer, names } = openList();
  come("june");
  read();
  await answer(["bob"]);
  expect(names()).toEqual(["bob"]);
});

test("of two lists on their way the newer one counts", async () => {
  const { read, come, answer, names } = openList();
  read();
  read();
  await answer([]);
  come("june");
  await answer(["bob"]);
  expect(names()).toEqual(["bob", "june"]);
});

test("who comes is there when the list could not be read", async () => {
  const { read, come, fail, names } = openList();
  read();
  await fail();
  come("june");
  expect(names()).toEqual(["june"]);
});
