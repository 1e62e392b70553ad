import type { Socket } from "node:net";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test, vi } from "vitest";
import type { SendResult } from "../contract/send.ts";
import { email } from "./email-connector.ts";
import { contextOf, jobOf } from "./email-setup.fixture.ts";
import { smtpPoolOf } from "./smtp-pool.ts";

interface Script {
  /** What the server says to a command; `null` breaks the session off, undefined is what a friendly server says. */
  readonly answer?: (command: string, session: number) => string | null | undefined;
  /** What it says when a mail has come to its end; `silence` is none. */
  readonly afterMail?: string | null;
  readonly greeting?: string;
}

/** A mail server that says what it is told to. */
async function startServer(script: Script = {}) {
  const { answer = () => undefined, greeting = "220 mail.test ESMTP" } = script;
  const { afterMail = "250 2.0.0 Taken" } = script;
  const seen = { sessions: 0, mails: 0, commands: [] as string[] };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    seen.sessions += 1;
    const session = seen.sessions;
    sockets.add(socket);
    socket.on("error", () => undefined);
    let isData = false;
    const say = (line: string | null): void => {
      if (line === null) socket.destroy();
      else if (line !== "silence") socket.write(`${line}\r\n`);
    };
    const obey = (command: string): string | null => {
      seen.commands.push(command);
      const said = answer(command, session);
      isData = command === "DATA" && said === undefined;
      return said === undefined ? (USUAL[command] ?? "250 OK") : said;
    };
    say(greeting);
    const lines = createInterface({ input: socket });
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      if (!isData) return say(obey(line.toUpperCase().split(/[ :]/)[0] ?? ""));
      if (line !== ".") return;
      isData = false;
      seen.mails += 1;
      say(afterMail);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, seen, sockets };
}

const USUAL: Readonly<Record<string, string>> = {
  EHLO: "250-mail.test\r\n250 AUTH PLAIN",
  AUTH: "235 2.7.0 Welcome",
  DATA: "354 Go on",
  QUIT: "221 Bye",
};

function contextFor(port: number, smtp: object = {}) {
  return contextOf(
    { smtp: { host: "127.0.0.1", port, ...smtp } },
    { password: "hunter2-hunter2", replyKey: "key" },
  );
}

async function outcome(script: Script, smtp: object = {}): Promise<SendResult> {
  const { port } = await startServer(script);
  return email.send(jobOf(), contextFor(port, smtp));
}

test("a mail that was taken is named by its own id", async () => {
  const result = await outcome({});
  expect(result).toEqual({
    outcome: "accepted",
    externalIds: [expect.stringMatching(/^<d1\.c1\.[a-z2-7]{4}@shop\.test>$/)],
  });
});

test.each([
  ["RCPT", "550 5.1.1 No such user", { class: "invalid_recipient", suppressAddress: true }],
  [
    "RCPT",
    "450 4.2.1 Busy, try again in 60 seconds",
    { class: "rate_limited", retryAfterMs: 60_000 },
  ],
  ["MAIL", "550 5.7.1 Go away", { class: "spam_blocked", code: "5.7.1" }],
  ["MAIL", "421 4.3.2 Closing", { class: "network" }],
  ["DATA", "554 5.7.1 No", { class: "spam_blocked" }],
  ["AUTH", "535 5.7.8 Not you", { class: "auth", code: "5.7.8" }],
  ["MAIL", null, { class: "network" }],
  ["DATA", null, { class: "network" }],
  ["EHLO", null, { class: "network" }],
])("%s answered with %j: surely not sent", async (command, said, expected) => {
  const script: Script = { answer: (given) => (given === command ? said : undefined) };
  expect(await outcome(script, { user: "bob" })).toMatchObject({
    outcome: "rejected",
    ...expected,
  });
});

test("a mail that was refused after its end was refused", async () => {
  expect(await outcome({ afterMail: "552 5.3.4 Too large" })).toMatchObject({
    outcome: "rejected",
    class: "too_large",
  });
});

test("a session that breaks off after the end of the mail leaves it open whether it was taken", async () => {
  expect(await outcome({ afterMail: null })).toMatchObject({ outcome: "unknown" });
});

test("a host that waits no longer learns that the mail may have arrived, or that it surely has not", async () => {
  const silent = await startServer({ afterMail: "silence" });
  const patience = new AbortController();
  const sending = email.send(jobOf({ signal: patience.signal }), contextFor(silent.port));
  await vi.waitFor(() => expect(silent.seen.mails).toBe(1));
  patience.abort();
  expect(await sending).toMatchObject({ outcome: "unknown" });

  const stuck = await startServer({ answer: (command) => (command === "RCPT" ? "" : undefined) });
  const other = new AbortController();
  const waiting = email.send(jobOf({ signal: other.signal }), contextFor(stuck.port));
  await vi.waitFor(() => expect(stuck.seen.commands).toContain("RCPT"));
  other.abort();
  expect(await waiting).toMatchObject({ outcome: "rejected", class: "network" });
  expect(stuck.seen.mails).toBe(0);
});

test("a mail whose attachment breaks off in the middle does not go out", async () => {
  const { port, seen } = await startServer();
  const source = {
    name: "a.bin",
    mimeType: "application/octet-stream",
    sizeBytes: 100,
    url: "https://chat.test/a",
    open: async () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(1000));
        },
        pull() {
          throw new Error("the disk is gone");
        },
      }),
  };
  const part = { type: "file", url: source.url } as const;
  const result = await email.send(jobOf({}, { media: [{ part, source }] }), contextFor(port));
  expect(result).toMatchObject({ outcome: "rejected", class: "network" });
  expect(seen.mails).toBe(0);
});

test.each(["at once", "while the mail waits"])(
  "an attachment that breaks off %s ends that mail, and nothing else",
  async (when) => {
    const { port, seen } = await startServer();
    const context = contextFor(port);
    const source = {
      name: "a.bin",
      mimeType: "application/octet-stream",
      sizeBytes: 100,
      url: "https://chat.test/a",
      open: async () =>
        new ReadableStream<Uint8Array>({
          start(controller) {
            const fail = (): void => controller.error(new Error("gone"));
            if (when === "at once") fail();
            else setImmediate(fail);
          },
        }),
    };
    const part = { type: "file", url: source.url } as const;
    const broken = email.send(jobOf({}, { media: [{ part, source }] }), context);
    expect(await broken).toMatchObject({ outcome: "rejected", class: "network" });
    expect((await email.send(jobOf(), context)).outcome).toBe("accepted");
    expect(seen.mails).toBe(1);
  },
);

test("a server that answers in HTML has taken nothing", async () => {
  expect(await outcome({ greeting: "<!doctype html>" })).toMatchObject({ outcome: "rejected" });
});

test("a server without encryption is not used where it is demanded", async () => {
  const { port, seen } = await startServer({
    answer: (command) => (command === "STARTTLS" ? "502 No" : undefined),
  });
  const result = await email.send(jobOf(), contextFor(port, { requireTls: true, user: "bob" }));
  expect(result.outcome).toBe("rejected");
  expect(seen.commands).not.toContain("AUTH");
});

test("what the server answers to a sign-in is told to nobody", async () => {
  const script: Script = {
    answer: (command) => (command === "AUTH" ? "535 bad password hunter2-hunter2" : undefined),
  };
  expect(JSON.stringify(await outcome(script, { user: "bob" }))).not.toContain("hunter2");
});

test("mails that follow each other go through one session, and one that has ended is noticed", async () => {
  const { port, seen, sockets } = await startServer();
  const context = contextFor(port);
  for (const deliveryId of ["d1", "d2"]) {
    expect((await email.send(jobOf({ deliveryId }), context)).outcome).toBe("accepted");
  }
  expect(seen.sessions).toBe(1);
  for (const socket of sockets) socket.destroy();
  expect((await email.send(jobOf({ deliveryId: "d3" }), context)).outcome).toBe("accepted");
  expect(seen).toMatchObject({ sessions: 2, mails: 3 });
});

test("there are never more sessions than the server shall have, and nobody waits for ever", async () => {
  const { port, seen } = await startServer();
  const context = contextFor(port, { maxConnections: 2 });
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      email.send(jobOf({ deliveryId: `d${index}` }), context),
    ),
  );
  expect(results.map(({ outcome: one }) => one)).toEqual(Array(8).fill("accepted"));
  expect(seen.sessions).toBe(2);
  expect(smtpPoolOf(context).open).toBeLessThanOrEqual(2);
});

test("another password is another session", async () => {
  const { port, seen } = await startServer();
  const context = contextFor(port, { user: "bob" });
  await email.send(jobOf(), context);
  await email.send(jobOf(), { ...context, secrets: { ...context.secrets, password: ["new"] } });
  expect(seen.sessions).toBe(2);
});

test("a refused recipient leaves the session good for the next", async () => {
  let isFirst = true;
  const { port, seen } = await startServer({
    answer(command) {
      if (command !== "RCPT" || !isFirst) return undefined;
      isFirst = false;
      return "550 5.1.1 No such user";
    },
  });
  const context = contextFor(port);
  expect((await email.send(jobOf(), context)).outcome).toBe("rejected");
  expect((await email.send(jobOf(), context)).outcome).toBe("accepted");
  expect(seen.sessions).toBe(1);
});

test.each(["phone:+447700900123", "email:ann", "email:a b@c.test", "email:a@b.test,eve@evil.test"])(
  "%s is no address of mail, and no server is asked",
  async (to) => {
    expect(await email.send(jobOf({ to }), contextFor(1))).toMatchObject({
      outcome: "rejected",
      class: "invalid_recipient",
    });
  },
);

test("the health of a connection says whether somebody has to sign in again", async () => {
  const signal = AbortSignal.timeout(10_000);
  const good = await startServer();
  expect(await email.health(contextFor(good.port, { user: "bob" }), signal)).toMatchObject({
    state: "ok",
  });
  const bad = await startServer({ answer: (one) => (one === "AUTH" ? "535 No" : undefined) });
  expect(await email.health(contextFor(bad.port, { user: "bob" }), signal)).toMatchObject({
    state: "down",
    humanAction: "relogin",
  });
  expect(await email.health(contextFor(1), signal)).toMatchObject({
    state: "down",
    humanAction: "none",
  });
});
