import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** What stands between networks or clients and a server that dies now and then: it asks again until it is answered. */
export interface PatientGateway {
  readonly url: string;
  /** How often it asked once more. */
  readonly asked: number;
  /** Names the server, as soon as that is known. */
  forwardTo(url: string): void;
  /** Told of each request while the server has it. */
  onAsk(listener: () => void): void;
  /** Told of each answer when it has reached the gateway. */
  onAnswer(listener: (answered: AnsweredRequest) => void): void;
}

/** A request, and the status that it was answered with. */
export interface AnsweredRequest {
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

const AGAIN_MS = 50;
const HOP_BY_HOP = /^(?:host|connection|content-length|transfer-encoding|expect|keep-alive)$/;
const OF_ENCODING = /^(?:content-encoding|content-length|transfer-encoding|connection|keep-alive)$/;
/** The server is there, but can't do anything yet, or any more. */
const NOT_NOW: ReadonlySet<number> = new Set([502, 503, 504]);

/** Starts a gateway; it is closed when the test is finished. */
export async function startPatientGateway(): Promise<PatientGateway> {
  const onAnswer: ((answered: AnsweredRequest) => void)[] = [];
  const onAsk: (() => void)[] = [];
  let target = "";
  let asked = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const path = request.url ?? "/";
    while (!response.destroyed) {
      const asking = ask(target + path, request, body);
      for (const tell of onAsk) tell();
      const answer = await asking;
      if (answer === undefined) {
        asked += 1;
        await later(AGAIN_MS);
        continue;
      }
      for (const tell of onAnswer) tell({ path, status: answer.status, body: body.toString() });
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
      return;
    }
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    forwardTo(url) {
      target = url;
    },
    onAsk: (listener) => onAsk.push(listener),
    onAnswer: (listener) => onAnswer.push(listener),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Undefined when there is no answer, or none that says anything. */
async function ask(url: string, { method = "GET", headers }: IncomingMessage, body: Buffer) {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.test(name));
  try {
    const answer = await fetch(url, {
      method,
      headers: kept as [string, string][],
      ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (NOT_NOW.has(answer.status)) return undefined;
    const told = [...answer.headers].filter(([name]) => !OF_ENCODING.test(name));
    return { status: answer.status, headers: Object.fromEntries(told), body: bytes };
  } catch {
    return undefined;
  }
}
