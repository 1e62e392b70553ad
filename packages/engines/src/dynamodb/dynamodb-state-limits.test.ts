import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { StateChange } from "@anywire/core";
import { expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { dynamodbBackend } from "./dynamodb-backend.fixture.ts";
import { differenceOf, entriesOf, opened } from "./state-history.fixture.ts";

const ROOM = "production.group.a";

withEngine("dynamodb", (endpoint) => {
  it("keeps what is larger than a row of DynamoDB, and its earlier versions", async () => {
    const backend = dynamodbBackend(endpoint);
    const { state } = await backend.join();
    const append = (id: string, kind: "message" | "edit", data: unknown) => {
      const shared = { channel: ROOM, sender: "account:ann", kind, id };
      return backend.log.append({ ...shared, dataJson: JSON.stringify(data) }, 1).entry;
    };
    const texts = ["ü".repeat(400_000), "😀".repeat(300_000), "short"];
    backend.log.append(opened(ROOM, "o", ["ann"]), 1);
    append("m", "message", { text: "small" });
    await state.project(entriesOf(backend.log));
    for (const [i, text] of texts.entries()) {
      await state.project([append(`e-${i}`, "edit", { target: "m", message: { text } })]);
      expect(await differenceOf(state, backend.log)).toBeUndefined();
    }
    await state.rebuild();
    expect(await differenceOf(state, backend.log)).toBeUndefined();
    await state.close();
    await backend.dispose();
  });

  it("keeps an entry whole that changes hundreds of items, and tells of it", async () => {
    const backend = dynamodbBackend(endpoint);
    const [first, second] = [await backend.join(), await backend.join()];
    const people = Array.from({ length: 400 }, (_, i) => `account-${i}`);
    const changes: StateChange[] = [];
    const listening = second.state.watch({ onChange: (change) => changes.push(change) });
    await listening.follow("production.notification.account-7");
    const { entry } = backend.log.append(opened(ROOM, "o", people), 1);
    await first.state.project([entry]);
    const next = backend.log.append(opened("production.group.b", "o", ["account-7"]), 1).entry;
    await first.state.project([next]);
    await expect.poll(() => changes.map((change) => change.entry)).toEqual([entry, next]);
    expect(changes[0]?.items).toHaveLength(2 * people.length + 1);
    expect(await differenceOf(second.state, backend.log)).toBeUndefined();
    await Promise.all([first.state.close(), second.state.close()]);
    await backend.dispose();
  });

  it("keeps items whose name is too long for a key, or no valid Unicode", async () => {
    const backend = dynamodbBackend(endpoint);
    const { state } = await backend.join();
    const addresses = [`x:${"€".repeat(250)}`, `x:${"€".repeat(249)}a`, `x:${"😀".repeat(256)}`];
    const broken = ["x:\ud800", "x:\ud801", "x:ok"];
    for (const [i, given] of [addresses, broken].entries()) {
      const participants = given.map((address) => ({ address, role: "owner" }));
      const texts = { title: null, avatarUrl: null, connection: null, history: "all", meta: {} };
      const data = { type: "group", ...texts, participants, isFixed: false };
      const shared = { kind: "opened", sender: "account:ann", id: "o" } as const;
      const channel = `production.group.${i}`;
      backend.log.append({ ...shared, channel, dataJson: JSON.stringify(data) }, 1);
    }
    await state.project(entriesOf(backend.log));
    for (const [i, given] of [addresses, broken].entries()) {
      const partition = `production.group.${i}`;
      const { items } = await state.list({ partition, prefix: "p:" });
      expect(items.map(({ sort }) => sort.slice(2)).sort()).toEqual([...given].sort());
      const { values } = await state.get(given.map((one) => ({ partition, sort: `p:${one}` })));
      expect(values).toEqual(given.map((address) => expect.objectContaining({ address })));
    }
    await state.close();
    await backend.dispose();
  });

  it("refuses a table of another log, and one that is not there and may not be made", async () => {
    const backend = dynamodbBackend(endpoint);
    const missing = backend.createNode({ createTable: false });
    await missing.log.start();
    await expect(missing.state.start()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(backend.table),
    });
    const { state } = await backend.join();
    const other = dynamodbBackend(endpoint).createNode({ table: backend.table });
    await other.log.start();
    await expect(other.state.start()).rejects.toMatchObject({ code: "storage_damaged" });
    await state.close();
    await backend.dispose();
  });

  it("starts on many nodes at once, and makes one table", async () => {
    const backend = dynamodbBackend(endpoint);
    const nodes = await Promise.all(Array.from({ length: 5 }, () => backend.join()));
    const { entry } = backend.log.append(opened(ROOM, "o", ["ann"]), 1);
    await nodes[0]?.state.project([entry]);
    for (const { state } of nodes) {
      expect((await state.get([], { atLeast: 1 })).position).toBe(1);
      await state.close();
    }
    await backend.dispose();
  });

  it("says that the server cannot be reached, or does not answer", async () => {
    const backend = dynamodbBackend(endpoint);
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    for (const url of ["http://127.0.0.1:1", `http://127.0.0.1:${port}`]) {
      const options = { endpoint: url, retryMs: 100, requestTimeoutMs: 50 };
      const { log, state } = backend.createNode(options);
      await log.start();
      await expect(state.start()).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("cannot be used for now"),
      });
    }
    silent.closeAllConnections();
    silent.close();
  });
});
