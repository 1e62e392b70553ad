import { createHash, randomInt } from "node:crypto";
import type { HandsetDraft } from "../contract/simulator.ts";
import {
  json,
  type NetworkAnswer,
  type NetworkRequest,
  type ShownMedia,
} from "../simulator/index.ts";
import { parseMultipart } from "../simulator/multipart.ts";
import { metaRefusal } from "./whatsapp-simulator-api.ts";

/** A file that Meta keeps. */
export type KeptFile = NonNullable<HandsetDraft["media"]>;

/** The media that Meta keeps for both sides: the last 200. */
export class WhatsappSimulatorMedia {
  readonly #files = new Map<string, KeptFile>();
  #url = "";

  open(url: string): void {
    this.#url = url;
  }

  /** Gives the file's id. */
  keep(file: KeptFile): string {
    const id = String(randomInt(1e14, 2 ** 48 - 1));
    this.#files.set(id, file);
    const [oldest] = this.#files.keys();
    if (this.#files.size > 200 && oldest !== undefined) this.#files.delete(oldest);
    return id;
  }

  find(id: string): KeptFile | undefined {
    return this.#files.get(id);
  }

  /** As it stands on a person's screen. */
  shown(id: string, name?: string): ShownMedia | undefined {
    const file = this.#files.get(id);
    if (file === undefined) return undefined;
    return { name: name ?? file.name, mimeType: file.mimeType, url: `${this.#url}/screen/${id}` };
  }

  /** What anybody may fetch: what a person's own phone shows. */
  onScreen(path: string): NetworkAnswer | undefined {
    return this.#answer(/^\/screen\/(\d+)$/.exec(path)?.[1]);
  }

  /** What only the business may fetch. */
  download({ path, query }: NetworkRequest): NetworkAnswer | undefined {
    return path === "/whatsapp_business/attachments"
      ? this.#answer(query.get("mid") ?? "")
      : undefined;
  }

  /** Where a file is, as the API tells it. */
  describe(id: string): NetworkAnswer {
    const file = this.#files.get(id);
    if (file === undefined) return metaRefusal(100, 400);
    return json({
      messaging_product: "whatsapp",
      url: `${this.#url}/whatsapp_business/attachments?mid=${id}`,
      mime_type: file.mimeType,
      sha256: createHash("sha256").update(file.bytes).digest("hex"),
      file_size: file.bytes.length,
      id,
    });
  }

  upload({ headers, body }: NetworkRequest): NetworkAnswer {
    const parts = parseMultipart(headers["content-type"] ?? "", body);
    const field = (name: string) =>
      parts.find((part) => part.name === name)?.bytes.toString("utf8");
    const file = parts.find((part) => part.name === "file");
    const mimeType = field("type") ?? file?.mimeType;
    if (field("messaging_product") !== "whatsapp" || file === undefined || mimeType === undefined) {
      return metaRefusal(100, 400);
    }
    return json({ id: this.keep({ name: file.fileName ?? "file", mimeType, bytes: file.bytes }) });
  }

  #answer(id: string | undefined): NetworkAnswer | undefined {
    const file = id === undefined ? undefined : this.#files.get(id);
    if (file === undefined) return undefined;
    return { status: 200, headers: { "content-type": file.mimeType }, body: file.bytes };
  }
}
