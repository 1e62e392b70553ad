import { AnywireError } from "@anywire/types";
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { noStream, toNatsError } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";
import { ensureStream, findStream, openJetStream, type StreamSettings } from "./open-jetstream.ts";
import { changeStream, isClustered, logStreamName, whileBusy } from "./stream-changes.ts";

/** What the stored form of entries is called. A newer one is refused. */
const FORMAT = 1;
const LEAST_SERVER = [2, 12] as const;

/** How a log's stream is made; of one that is there, what is set is changed. */
export interface LogStreamOptions {
  /** Servers that keep a copy, 1 to 5. Default: as many as the stream has, 1 for a new one. */
  readonly replicas?: number | undefined;
  /** The largest size of the stream; then appends reject with `storage_full`. Default 0: no limit but the account's. */
  readonly maxBytes?: number;
  /** Identity of a log whose entries come from elsewhere: until `endImport` nobody else may open it. Default: a new one. */
  readonly importedEpoch?: string;
}

/**
 * The stream that is the log: `<prefix>-log`, one for all platforms, so that offsets are one order. A channel is a subject,
 * `<prefix>.log.<channel>`; what is stored is told on `<prefix>.live.<channel>`. Its metadata carries the log's epoch.
 */
export class LogStream {
  readonly name: string;
  /** Begins the subjects that are stored. */
  readonly stored: string;
  /** Begins the subjects on which stored entries are told. */
  readonly live: string;
  readonly #link: NatsLink;
  readonly #options: LogStreamOptions;
  #manager: JetStreamManager | null = null;
  #epoch = "";
  #replicas = 1;
  #isClustered = false;
  #isImporting = false;

  constructor(link: NatsLink, options: LogStreamOptions) {
    this.#link = link;
    this.#options = options;
    this.name = logStreamName(link.prefix);
    this.stored = `${link.prefix}.log.`;
    this.live = `${link.prefix}.live.`;
  }

  /** Identity of the log. Known once `open` has resolved. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Servers that keep a copy. */
  get replicas(): number {
    return this.#replicas;
  }

  /** Whether more servers than one keep the log, or may from one moment to the next: one of them can be behind the others. */
  get isReplicated(): boolean {
    return this.#isClustered;
  }

  /** Creates the stream or takes it as it is, but for what the options say. */
  async open(): Promise<void> {
    assertServer(this.#link.connection.info?.version ?? "0.0.0");
    try {
      const manager = await openJetStream(this.#link);
      const settings = streamSettings(this, this.#options);
      const found = await whileBusy(() => ensureStream(manager, settings));
      this.#take(found);
      const { replicas, maxBytes } = this.#options;
      const max_bytes = maxBytes === undefined ? undefined : maxBytes || -1;
      const made = await changeStream(manager, found, { num_replicas: replicas, max_bytes });
      this.#replicas = made.config.num_replicas;
      this.#isClustered = isClustered(made);
      this.#manager = manager;
    } catch (error) {
      throw toNatsError(error);
    }
  }

  /**
   * Offset of the last entry.
   * @throws {AnywireError} `storage_damaged` when the stream is gone or another log's.
   */
  async lastOffset(): Promise<number> {
    if (this.#manager === null) return 0;
    let info: StreamInfo | undefined;
    try {
      info = await findStream(this.#manager, this.name);
    } catch (error) {
      throw toNatsError(error);
    }
    if (info === undefined) throw noStream();
    if (epochOf(info) !== this.#epoch) {
      throw new AnywireError(
        "storage_damaged",
        `the stream ${this.name} is another log than before; start the nodes anew`,
      );
    }
    this.#replicas = info.config.num_replicas;
    this.#isClustered = isClustered(info);
    return info.state.last_seq;
  }

  /** Whether the entries of another log are not all here yet. */
  get isImporting(): boolean {
    return this.#isImporting;
  }

  /** Opens the log to nodes: it has all entries that it was made for. */
  async endImport(): Promise<void> {
    if (!this.#isImporting) return;
    try {
      const metadata = metadataOf(this.#epoch, false);
      await this.#manager?.streams.update(this.name, { metadata });
      this.#isImporting = false;
    } catch (error) {
      throw toNatsError(error);
    }
  }

  #take(info: StreamInfo): void {
    const format = Number(info.config.metadata?.["format"]);
    if (!(format <= FORMAT) || epochOf(info) === "") {
      throw new AnywireError(
        "storage_damaged",
        format > FORMAT
          ? `the stream ${this.name} was written by a newer version of Anywire; upgrade this node`
          : `the stream ${this.name} was not made by Anywire; choose another prefix`,
      );
    }
    const { importedEpoch } = this.#options;
    this.#isImporting = info.config.metadata?.["importing"] === "true";
    if (this.#isImporting && importedEpoch === undefined) {
      throw new AnywireError(
        "unavailable",
        `the stream ${this.name} is being filled with another log's entries; let the migration end first`,
      );
    }
    if (importedEpoch !== undefined && epochOf(info) !== importedEpoch) {
      throw new AnywireError(
        "conflict",
        `the stream ${this.name} is another log already; choose another prefix, or remove the stream`,
      );
    }
    this.#epoch = epochOf(info);
  }
}

function streamSettings(
  { name, stored, live }: LogStream,
  { replicas = 1, maxBytes = 0, importedEpoch }: LogStreamOptions,
): StreamSettings {
  return {
    name,
    subjects: [`${stored}>`],
    storage: "file",
    num_replicas: replicas,
    max_bytes: maxBytes || -1,
    // A full log takes nothing more; the default would drop its oldest entries.
    discard: "new",
    deny_delete: true,
    deny_purge: true,
    allow_direct: true,
    allow_atomic: true,
    republish: { src: `${stored}>`, dest: `${live}>` },
    metadata: metadataOf(importedEpoch ?? crypto.randomUUID(), importedEpoch !== undefined),
  };
}

function metadataOf(epoch: string, isImporting: boolean): Record<string, string> {
  return { epoch, format: String(FORMAT), importing: String(isImporting) };
}

function epochOf(info: StreamInfo): string {
  return info.config.metadata?.["epoch"] ?? "";
}

function assertServer(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST_SERVER;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new AnywireError(
    "unavailable",
    `the log needs NATS ${LEAST_SERVER.join(".")} or newer, and this server is ${version}; upgrade it`,
  );
}
