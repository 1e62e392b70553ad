import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What becomes of one request. `lost answer`: it is done, and nobody is told. */
export type DynamodbFate =
  | "passes"
  | "exceeds throughput"
  | "is throttled"
  | "fails"
  | "hangs"
  | "lost answer";

/** A server of DynamoDB's protocol that is not always well. */
export interface FaultyDynamodb {
  readonly url: string;
  /** How often something else became of a request than that it passed. */
  readonly faults: number;
  /** Decides of each request from now on; those that hang go on hanging. */
  decide(fate: () => DynamodbFate): void;
}

const THROTTLED: Readonly<Partial<Record<DynamodbFate, string>>> = {
  "exceeds throughput": "ProvisionedThroughputExceededException",
  "is throttled": "ThrottlingException",
};

/** Puts faults in front of a server of DynamoDB's protocol; everything passes at first. */
export async function startFaultyDynamodb(target: string): Promise<FaultyDynamodb> {
  const proxy = new FaultyProxy(new URL(target));
  await proxy.listen();
  onTestFinished(() => proxy.close());
  return proxy;
}

class FaultyProxy implements FaultyDynamodb {
  readonly #target: URL;
  readonly #server: Server;
  #decide: () => DynamodbFate = () => "passes";
  #faults = 0;

  constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((incoming, response) => this.#answer(incoming, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get faults(): number {
    return this.#faults;
  }

  decide(fate: () => DynamodbFate): void {
    this.#decide = fate;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const fate = this.#decide();
    if (fate !== "passes") this.#faults += 1;
    const type = THROTTLED[fate];
    if (type !== undefined) refuse(incoming, response, 400, type);
    else if (fate === "fails") refuse(incoming, response, 500, "InternalServerError");
    else if (fate === "hangs") incoming.resume();
    else this.#pass(incoming, response, fate === "lost answer");
  }

  #pass(incoming: IncomingMessage, response: ServerResponse, losesAnswer: boolean): void {
    const { method, url, headers } = incoming;
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      if (losesAnswer) return void answer.resume().on("end", () => response.destroy());
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
  }
}

function refuse(
  incoming: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
): void {
  incoming.resume();
  const body = JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message: type,
  });
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(body);
}
