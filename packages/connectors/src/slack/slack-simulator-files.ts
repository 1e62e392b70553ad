import type { HandsetDraft, HandsetMessage } from "../contract/simulator.ts";
import { parseMultipart } from "../simulator/multipart.ts";
import { json, type NetworkAnswer, type NetworkRequest } from "../simulator/network-server.ts";

interface StoredFile {
  readonly name: string;
  readonly mimeType: string;
  bytes: Buffer | undefined;
  readonly shares: Record<string, { readonly ts: string }[]>;
}

const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  gif: "image/gif",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  txt: "text/plain",
};

function refuse(error: string): NetworkAnswer {
  return json({ ok: false, error });
}

/** The files of a workspace: uploaded in three steps, and given to those only who have a token. */
export class SlackSimulatorFiles {
  baseUrl = "";
  readonly #token: string;
  readonly #files = new Map<string, StoredFile>();

  constructor(token: string) {
    this.#token = token;
  }

  /** What is no method: bytes that come, and bytes that are asked for. */
  handle({ path, headers, body, method }: NetworkRequest): NetworkAnswer {
    const [, kind, id = ""] = path.split("/");
    const file = this.#files.get(id);
    if (file === undefined) return { status: 404, body: "" };
    if (kind === "upload" && method === "POST") {
      file.bytes = uploaded(headers["content-type"] ?? "", body);
      return { status: 200, body: `OK - ${file.bytes.length}` };
    }
    const mayHave = kind === "shown" || headers["authorization"] === `Bearer ${this.#token}`;
    // Whoever may not have it gets the page to sign in at, with a good status.
    if (!mayHave) {
      return { status: 200, headers: { "content-type": "text/html" }, body: "<title>Sign in" };
    }
    const type = { "content-type": file.mimeType };
    return { status: 200, headers: type, body: file.bytes ?? "" };
  }

  begin({ filename = "", length = "" }: Readonly<Record<string, string>>): NetworkAnswer {
    if (filename === "" || !/^[1-9]\d*$/.test(length)) return refuse("invalid_arguments");
    const mimeType = TYPES[filename.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    const id = this.#add({ name: filename, mimeType, bytes: undefined, shares: {} });
    return json({ ok: true, upload_url: `${this.baseUrl}/upload/${id}`, file_id: id });
  }

  share(id: string, channel: string, ts: string): void {
    const file = this.#files.get(id);
    if (file !== undefined) file.shares[channel] = [{ ts }];
  }

  /** As a person sees it; undefined for one that never came. */
  shown(id: string): HandsetMessage["media"][number] | undefined {
    const file = this.#files.get(id);
    if (file?.bytes === undefined) return undefined;
    return { name: file.name, mimeType: file.mimeType, url: `${this.baseUrl}/shown/${id}` };
  }

  info(id: string): NetworkAnswer {
    const file = this.#files.get(id);
    if (file === undefined) return refuse("file_not_found");
    return json({
      ok: true,
      file: { ...this.#described(id, file), shares: { private: file.shares } },
    });
  }

  /** What a person sends. */
  keep({ name, mimeType, bytes }: NonNullable<HandsetDraft["media"]>): {
    described: object;
    shown: HandsetMessage["media"][number];
  } {
    const file = { name, mimeType, bytes: Buffer.from(bytes), shares: {} };
    const id = this.#add(file);
    const shown = { name, mimeType, url: `${this.baseUrl}/shown/${id}` };
    return { described: this.#described(id, file), shown };
  }

  #add(file: StoredFile): string {
    const id = `F${String(this.#files.size + 1).padStart(8, "0")}`;
    this.#files.set(id, file);
    return id;
  }

  #described(id: string, { name, mimeType, bytes }: StoredFile): object {
    const url = `${this.baseUrl}/private/${id}`;
    const size = bytes?.length ?? 0;
    const urls = { url_private: url, url_private_download: url };
    return { id, name, mimetype: mimeType, size, mode: "hosted", is_external: false, ...urls };
  }
}

/** The bytes as they are, or in a form: Slack takes both. @see https://docs.slack.dev/messaging/working-with-files */
function uploaded(contentType: string, body: Buffer): Buffer {
  if (!contentType.startsWith("multipart/form-data")) return body;
  return parseMultipart(contentType, body)[0]?.bytes ?? body;
}
