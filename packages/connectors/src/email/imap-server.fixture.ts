import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

interface StoredMail {
  readonly uid: number;
  readonly raw: string;
  readonly at: Date;
}

/** A mailbox on an IMAP server that can little more than a listener needs. */
export class ImapMailbox {
  uidValidity = 1;
  uidNext = 1;
  readonly commands: string[] = [];
  port = 0;
  readonly #mails: StoredMail[] = [];
  readonly #sockets = new Set<Socket>();

  async start(): Promise<this> {
    const server = createServer((socket) => this.#serve(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      this.dropSessions();
      server.close();
    });
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  /** A mail comes in: whoever waits is told. */
  add(raw: string, at = new Date()): number {
    const uid = this.uidNext;
    this.uidNext += 1;
    this.#mails.push({ uid, raw, at });
    for (const socket of this.#sockets) socket.write(`* ${this.#mails.length} EXISTS\r\n`);
    return uid;
  }

  /** All mails get other numbers, as when a mailbox is restored. */
  renumber(): void {
    this.uidValidity += 1;
    const mails = this.#mails.splice(0);
    this.uidNext = 1;
    for (const { raw, at } of mails) this.add(raw, at);
  }

  dropSessions(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.write("* OK ready\r\n");
    let idling = "";
    const lines = createInterface({ input: socket });
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      if (line === "DONE") {
        socket.write(`${idling} OK done\r\n`);
        return;
      }
      const [tag = "", ...words] = line.split(" ");
      const command = words[0] === "UID" ? `UID ${words[1]}` : (words[0] ?? "");
      this.commands.push(command.toUpperCase());
      if (command === "IDLE") {
        idling = tag;
        socket.write("+ idling\r\n");
        return;
      }
      const answers = this.#answer(command.toUpperCase(), words);
      const said = answers === undefined ? ["NO refused"] : [...answers, "OK done"];
      const last = said.pop();
      socket.write([...said.map((one) => `* ${one}`), `${tag} ${last}`, ""].join("\r\n"), "latin1");
    });
  }

  #answer(command: string, words: readonly string[]): string[] | undefined {
    if (command === "CAPABILITY") return ["CAPABILITY IMAP4rev1 IDLE"];
    if (command === "LOGIN") return words[2] === '"correct"' ? [] : undefined;
    if (command === "LIST") return ['LIST (\\HasNoChildren) "/" INBOX'];
    if (command === "EXAMINE" || command === "SELECT") {
      return [
        "FLAGS (\\Seen)",
        `${this.#mails.length} EXISTS`,
        "0 RECENT",
        `OK [UIDVALIDITY ${this.uidValidity}] valid`,
        `OK [UIDNEXT ${this.uidNext}] next`,
      ];
    }
    if (command === "UID SEARCH") return [`SEARCH ${this.#since(words)}`];
    if (command === "UID FETCH") return this.#fetch(words);
    return [];
  }

  #since(words: readonly string[]): string {
    const since = Date.parse(`${words[words.indexOf("SINCE") + 1]} UTC`);
    return this.#mails
      .filter(({ at }) => at.getTime() >= since)
      .map(({ uid }) => uid)
      .join(" ");
  }

  #fetch([, , range = "", ...what]: readonly string[]): string[] {
    const [first, last] = range.split(":");
    const newest = this.#mails.at(-1)?.uid ?? 0;
    // As servers do: `*` is the newest, also where that comes before the first.
    const from = Math.min(Number(first), last === "*" ? newest : Number(first));
    const to = last === "*" ? newest : Number(last ?? first);
    const [, length] = /BODY\.PEEK\[\]<0\.(\d+)>/.exec(what.join(" ")) ?? [];
    return this.#mails.flatMap(({ uid, raw, at }, index) => {
      if (uid < from || uid > to) return [];
      const date = `INTERNALDATE "${imapDate(at)}"`;
      const given = raw.slice(0, Number(length));
      const source = length === undefined ? "" : ` BODY[]<0> {${given.length}}\r\n${given}`;
      return [`${index + 1} FETCH (UID ${uid} ${date}${source})`];
    });
  }
}

function imapDate(at: Date): string {
  const [, day = "", month = "", year = "", time = ""] = at.toUTCString().split(" ");
  return `${day}-${month}-${year} ${time} +0000`;
}
