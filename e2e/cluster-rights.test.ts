import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createNatsLink, createNatsLog } from "@anywire/engines/nats";
import { expect, it, onTestFinished } from "vitest";
import { ENGINE_SERVERS } from "../scripts/engines/engine-servers.ts";
import { findProgram } from "../scripts/engines/find-program.ts";
import { withCluster } from "./crash/cluster.ts";
import { connectClient } from "./support/connect-client.ts";
import { emptyEngine } from "./support/engine-config.ts";
import { nextEvent } from "./support/next-event.ts";
import { connectSdk, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const GUIDE = readFileSync("docs/guides/cluster.md", "utf8");
const LISTENING = /Listening for client connections on ([\d.:]+)/;
const PROGRAM = findProgram(ENGINE_SERVERS.nats);
const USER = { user: "anywire", password: "secret" };
const MESSAGES = 100;

/** Starts a NATS server on which the user has the rights that the guide names; tells what it refused. */
async function startGuardedNats(program: string) {
  const directory = await temporaryDirectory();
  const file = join(directory, "nats.conf");
  const rights = /^permissions: \{$.*?^\}$/ms.exec(GUIDE)?.[0];
  const user = `{ user: ${USER.user}, password: ${USER.password}, ${rights} }`;
  const listen = `listen: "127.0.0.1:-1"\njetstream { store_dir: "${directory}" }`;
  await writeFile(file, `${listen}\nauthorization { users: [ ${user} ] }\n`);
  const child = spawn(program, ["--config", file], { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(async () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  });
  const refused: string[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr })
      .on("line", (line) => {
        if (/violation/i.test(line)) refused.push(line);
        const listening = LISTENING.exec(line)?.[1];
        if (listening !== undefined) resolve(listening);
      })
      .on("close", () => reject(new Error("the NATS server ended before it listened")));
  });
  return { servers: [`nats://${address}`], refused };
}

withCluster(() => {
  it.skipIf(PROGRAM === undefined)(
    "the rights in NATS that the guide names are enough for what a cluster does",
    async () => {
      const { servers, refused } = await startGuardedNats(PROGRAM ?? "");
      const { nats: _, ...engine } = await emptyEngine("cluster");
      const config = { ...engine, nats: { servers, ...USER } };
      const a = await startTestServer(config);
      const b = await startTestServer(config, { keySet: a.keySet });

      const ann = await connectClient(a, "ann");
      const bob = await connectClient(b, "bob");
      const { name } = await ann.channels.open({ type: "group", participants: ["account:bob"] });
      const watching = await subscribeSdk(await connectSdk(a), name, { joinLeave: true });
      const joined = nextEvent(watching.subscription, "join");
      await subscribeSdk(await connectSdk(b, { account: "june" }), name);
      expect((await joined).info.user).toBe("june");
      await bob.call("signal.send", { channel: name, kind: "typing" });
      await watching.publications.find(({ tags }) => tags?.["signal"] === "typing");
      const heard = await Promise.all(
        DIALECTS.map(async (dialect, i) =>
          subscribeSdk(await connectSdk(i % 2 === 0 ? a : b, { dialect }), name),
        ),
      );
      const send = (client: typeof ann, i: number) =>
        client.call("message.send", { channel: name, text: `${i}` });
      await Promise.all(
        Array.from({ length: MESSAGES }, (_, i) => send(i % 2 === 0 ? ann : bob, i)),
      );
      for (const { publications } of heard) await publications.atLeast(MESSAGES);
      const log = createNatsLog(createNatsLink({ servers, prefix: "anywire", ...USER }));
      onTestFinished(() => log.close());
      await log.start();
      await new Promise<void>((resolve, reject) => {
        log.consume({ name: "all", pattern: ">" }, async () => resolve()).catch(reject);
      });
      expect(refused).toEqual([]);
    },
    60_000,
  );
});
