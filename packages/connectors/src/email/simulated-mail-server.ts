import type { AddressInfo } from "node:net";
import type { SMTPServer, SMTPServerOptions, SMTPServerSession } from "smtp-server";
import type { Faults } from "../simulator/faults.ts";

/** A mail server for all the world. */
export interface SimulatedMailServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What the server is told of. */
export interface SimulatedMailServerOptions {
  readonly user: string;
  readonly password: string;
  readonly faults: Faults;
  /** A mail was taken. */
  onMail(envelope: { readonly from: string; readonly to: string }, raw: Buffer): Promise<void>;
}

/** Whoever writes to `nobody@` anywhere hears that there is no such mailbox. */
const NOBODY = /^nobody@/i;
const MAX_BYTES = 26_214_400;
const HTML = "<!doctype html><title>Maintenance</title><p>We will be back soon.\r\n";

/** Starts a mail server on loopback that takes mail for everybody, and goes wrong as it is told to. */
export async function startSimulatedMailServer(
  options: SimulatedMailServerOptions,
): Promise<SimulatedMailServer> {
  const { SMTPServer: Server } = await import("smtp-server");
  const server: SMTPServer = new Server({
    name: "mail.simulator",
    size: MAX_BYTES,
    rejectOversized: true,
    // A session on loopback needs no encryption.
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onAuth({ username, password }, _session, done) {
      const isRight = username === options.user && password === options.password;
      done(null, isRight ? { user: username } : {});
    },
    onMailFrom: (_address, session, done) => fail(server, options.faults, session, done),
    onRcptTo({ address }, _session, done) {
      done(NOBODY.test(address) ? refusal(550, "5.1.1 No such mailbox") : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (stream.sizeExceeded) return done(refusal(552, "5.3.4 The mail is too large"));
        const after = options.faults.take("accept_then_hang", "accept_then_close");
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        void Promise.all(
          rcptTo.map(({ address: to }) => options.onMail({ from, to }, Buffer.concat(chunks))),
        ).then(() => {
          if (after?.kind === "accept_then_close") socketOf(server, session)?.destroy();
          else if (after === undefined) done(null, "2.0.0 Taken");
        });
      });
    },
  });
  // A client that breaks off is no trouble of the server's.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

type Done = Parameters<NonNullable<SMTPServerOptions["onMailFrom"]>>[2];

/** What goes wrong before anything is taken. */
function fail(server: SMTPServer, faults: Faults, session: SMTPServerSession, done: Done): void {
  const fault = faults.take("rate_limit", "server_error", "html");
  if (fault === undefined) return void done();
  if (fault.kind === "html") {
    socketOf(server, session)?.end(HTML);
  } else if (fault.kind === "server_error") {
    done(refusal(421, "4.3.0 Service not available"));
  } else {
    const seconds = Math.ceil(fault.retryAfterMs / 1000);
    done(refusal(451, `4.7.1 Too many messages, try again in ${seconds} seconds`));
  }
}

function socketOf({ connections }: SMTPServer, { id }: SMTPServerSession) {
  return [...connections].find(({ session }) => session.id === id)?._socket;
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
