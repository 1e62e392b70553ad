import { Socket } from "node:net";
import type { AnywireError } from "@anywire/types";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink, type NatsLink } from "./nats-link.ts";
import { textOf } from "./nats-message.ts";
import { NatsRequests } from "./nats-requests.ts";
import { newPrefix } from "./nats-streams.fixture.ts";

const LONG_MS = 10_000;
const ECHO = "*.echo";
const SILENT = "*.silent";
/** The server itself answers. */
const SERVER = "$JS.API.INFO";
const HEADER = "NATS/1.0\r\nA: b\r\n\r\n";

withEngine("nats", (url) => {
  describe("requests to NATS", () => {
    let subject = "";
    let heard: string[] = [];
    let echo: NatsConnection;
    let link: NatsLink;
    let requests: NatsRequests;

    /** Somebody who answers each request with what was asked, unless he is told to be silent. */
    beforeEach(async () => {
      subject = newPrefix();
      heard = [];
      echo = await connect({ servers: url });
      echo.subscribe(`${subject}.>`, {
        callback: (_, message) => {
          heard.push(message.string());
          if (message.subject.endsWith(".echo")) message.respond(message.data);
        },
      });
      await echo.flush();
      link = createNatsLink({ servers: [url] });
      await link.start();
      requests = new NatsRequests(link);
      requests.open();
      await link.connection.flush();
    });

    afterEach(async () => {
      vi.restoreAllMocks();
      requests.close();
      await link.close();
      await echo.close();
    });

    function ask(text: string | Uint8Array, timeoutMs = LONG_MS, to = ECHO): Promise<string> {
      const data = Buffer.from(text);
      return new Promise((resolve, reject) => {
        requests.ask(to.replace("*", subject), HEADER, data, timeoutMs, {
          take: (answer) => {
            resolve(textOf(answer.data));
            return true;
          },
          lose: reject,
        });
      });
    }

    function tell(text: string): void {
      requests.tell(SILENT.replace("*", subject), null, Buffer.from(text));
    }

    it("writes what a turn of the event loop sends in one piece, in the order in which it was given", async () => {
      const write = vi.spyOn(Socket.prototype, "write");
      const writes = (): number =>
        write.mock.calls.filter(([data]) => Buffer.from(data).includes(subject)).length;
      const texts = Array.from({ length: 100 }, (_, i) => String(i));
      const answers: Promise<string>[] = [];
      for (const [i, text] of texts.entries()) {
        if (i % 3 === 0) tell(text);
        else answers.push(ask(text));
        // The client library would write by now.
        for (let turn = 0; turn < 5; turn += 1) await undefined;
      }
      expect(writes()).toBe(0);
      await new Promise((resolve) => setImmediate(resolve));
      expect(writes()).toBe(1);
      expect(await Promise.all(answers)).toEqual(texts.filter((_, i) => i % 3 !== 0));
      expect(heard).toEqual(texts);
    });

    it("loses a request alone that is too large, and sends what was given before and after it", async () => {
      const before = ask("before");
      const large = ask(new Uint8Array((link.connection.info?.max_payload ?? 0) + 1));
      const after = ask("after");
      await expect(large).rejects.toMatchObject({ code: "unavailable" });
      expect(await Promise.all([before, after])).toEqual(["before", "after"]);
      expect(heard).toEqual(["before", "after"]);
    });

    it("loses what is asked on a connection that has ended", async () => {
      await link.connection.close();
      const lost = { code: "unavailable", message: expect.stringContaining("could not be asked") };
      const asked = [ask("1"), ask("2")];
      for (const one of asked) await expect(one).rejects.toMatchObject(lost);
    });

    it("sends what was given before it was closed, ends what waits for an answer, and takes no more", async () => {
      const asked = ask("asked");
      tell("told");
      requests.close();
      await expect(asked).rejects.toMatchObject({ code: "unavailable" });
      await expect(ask("later")).rejects.toMatchObject({ code: "unavailable" });
      expect(() => tell("later")).toThrow("the log is closed");
      await link.close();
      await vi.waitFor(() => expect(heard).toEqual(["asked", "told"]));
    });

    it("gives up on a request that nobody answers in time", async () => {
      const lost = await ask("1", 50, SILENT).catch((error: AnywireError) => error.message);
      expect(lost).toContain("did not answer in time");
    });

    it("reads the answers that lie in the socket after a long turn before it gives up on them", async () => {
      const asked = ask("", 300, SERVER);
      // It is in the socket by then.
      await new Promise((resolve) => setImmediate(resolve));
      block(700);
      expect(await asked).toContain("account_info");
    });

    it("counts the time of a request from when it was sent, not from within a long turn before", async () => {
      const asked = ask("1", 300, SILENT);
      block(700);
      const sentAt = performance.now();
      await expect(asked).rejects.toMatchObject({ code: "unavailable" });
      expect(performance.now() - sentAt).toBeGreaterThanOrEqual(300);
    });
  });
});

/** A turn of the event loop that takes long. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
