/** Everything that drivers are tested on. `memory` and `sqlite` live inside the process, the others are servers. */
export const ENGINES = ["memory", "sqlite", "nats", "dynamodb"] as const;

/** One of them. */
export type EngineName = (typeof ENGINES)[number];

/** One that is a server. */
export type EngineServer = "nats" | "dynamodb";

/** A server that drivers need: how it is got, known and started. */
export interface ServerRecipe {
  /** The program's name, as on the PATH. */
  readonly program: string;
  /** What `install` builds. */
  readonly version: string;
  /** The environment variable that says where one runs already. Not ANYWIRE_…: the server refuses those it does not know. */
  readonly variable: string;
  /** Where it listens when nobody says otherwise. */
  readonly usualPort: number;
  /** What the program must say to `--version` to be taken from the PATH. */
  readonly accepts: RegExp;
  /** Builds the version into `<directory>/bin`. `needs` says what must be there for that. */
  readonly install: {
    readonly needs: string;
    readonly command: readonly [program: string, ...args: string[]];
    environment(directory: string): Record<string, string>;
  };
  args(port: number, directory: string): readonly string[];
  /** What it says on its standard error once it takes connections. */
  readonly ready: RegExp;
  url(port: number): string;
}

const HOST = "127.0.0.1";
const NATS = "2.14.5";
/** Of the crate; the program and its image call this one 1.4.0. */
const DYNOXIDE = "3.1.0";

/** The servers, with the versions that the project is tested on. */
export const ENGINE_SERVERS: Readonly<Record<EngineServer, ServerRecipe>> = {
  nats: {
    program: "nats-server",
    version: NATS,
    variable: "TEST_NATS_URL",
    usualPort: 4222,
    // Atomic batches came with 2.12.
    accepts: /v(2\.(1[2-9]|[2-9]\d)|[3-9])\./,
    install: {
      needs: "Go 1.25 or newer",
      command: ["go", "install", `github.com/nats-io/nats-server/v2@v${NATS}`],
      environment: (directory) => ({ GOBIN: `${directory}/bin` }),
    },
    args: (port, directory) => ["-a", HOST, "-p", String(port), "-js", "-sd", directory],
    ready: /Server is ready/,
    url: (port) => `nats://${HOST}:${port}`,
  },
  dynamodb: {
    // Speaks DynamoDB's protocol, keeps everything in memory, and is open source, which DynamoDB Local is not.
    program: "dynoxide",
    version: DYNOXIDE,
    variable: "TEST_DYNAMODB_URL",
    usualPort: 8000,
    accepts: /dynoxide/,
    install: {
      needs: "Rust 1.88 or newer, and a C compiler",
      command: [
        ...(["cargo", "install", "dynoxide-rs", "--version", DYNOXIDE, "--locked"] as const),
        ...["--no-default-features", "--features", "native-sqlite,http-server"],
      ],
      environment: (directory) => ({ CARGO_INSTALL_ROOT: directory }),
    },
    args: (port) => ["serve", "--host", HOST, "--port", String(port)],
    ready: /listening on/,
    url: (port) => `http://${HOST}:${port}`,
  },
};

/** Their names. */
export const SERVER_NAMES = Object.keys(ENGINE_SERVERS) as readonly EngineServer[];
