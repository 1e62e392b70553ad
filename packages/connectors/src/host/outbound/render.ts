import type { DeliveryError, Message, MessagePart } from "@anywire/types";
import type { Capabilities, Level, MediaCapability } from "../../contract/capabilities.ts";
import type { MediaPart, MediaSource, SendContent } from "../../contract/send.ts";

/** What a message becomes on a network. */
export type Rendered =
  | { readonly content: SendContent; readonly warnings: readonly string[] }
  | { readonly error: DeliveryError };

type MediaMessagePart = MediaPart["part"];
type PartOf<T extends MessagePart["type"]> = Extract<MessagePart, { type: T }>;

const MAX_WARNINGS = 16;
const MAX_WARNING = 512;

/**
 * Brings a message down to what a network can show. Nothing is cut off: what can't be shown becomes a link or words, and where a
 * network has no room for those, it is left out; both are told. What would lose the message itself is refused. Pure.
 */
export function render(
  message: Message,
  capabilities: Capabilities,
  sources: ReadonlyMap<string, MediaSource>,
): Rendered {
  const draft = new Draft(message, capabilities, sources);
  for (const part of message.parts ?? []) draft.add(part);
  return draft.finish();
}

class Draft {
  readonly #message: Message;
  readonly #capabilities: Capabilities;
  readonly #sources: ReadonlyMap<string, MediaSource>;
  readonly #lines: string[] = [];
  readonly #media: MediaPart[] = [];
  readonly #warnings: string[] = [];
  #location: PartOf<"location"> | undefined;
  #card: PartOf<"card"> | undefined;
  #template: PartOf<"template"> | undefined;
  #refusal: string | undefined;

  constructor(
    message: Message,
    capabilities: Capabilities,
    sources: ReadonlyMap<string, MediaSource>,
  ) {
    this.#message = message;
    this.#capabilities = capabilities;
    this.#sources = sources;
    if (message.text !== undefined) this.#lines.push(message.text);
  }

  add(part: MessagePart): void {
    switch (part.type) {
      case "text":
        this.#lines.push(part.text);
        break;
      case "location":
        this.#addLocation(part);
        break;
      case "card":
        this.#addCard(part);
        break;
      case "template":
        this.#addTemplate(part);
        break;
      default:
        this.#addMedia(part);
    }
  }

  finish(): Rendered {
    const text = this.#lines.join("\n");
    const { maxLength } = this.#capabilities.text;
    if (this.#refusal !== undefined) {
      return { error: { class: "unsupported", reason: this.#refusal } };
    }
    if (text.length > maxLength) {
      const reason = `the text has ${text.length} characters, this network takes ${maxLength}; shorten it or send it in parts`;
      return { error: { class: "too_large", reason } };
    }
    const isEmpty = text.trim() === "" && this.#media.length === 0 && this.#location === undefined;
    if (isEmpty && this.#card === undefined && this.#template === undefined) {
      return { error: { class: "unsupported", reason: "this network can show nothing of it" } };
    }
    const content: SendContent = {
      text,
      media: this.#media,
      message: this.#message,
      ...(this.#location && { location: this.#location }),
      ...(this.#card && { card: this.#card }),
      ...(this.#template && { template: this.#template }),
    };
    return { content, warnings: this.#warnings };
  }

  #addMedia(part: MediaMessagePart): void {
    const source = this.#sources.get(part.url);
    const name = part.name ?? source?.name ?? part.type;
    if (source === undefined && part.url.startsWith("/")) {
      this.#warn(`${name} is gone and was left out`);
      return;
    }
    const capability = this.#capabilities.media?.[mediaKindOf(part, source)];
    const level = capability?.level ?? "fallback";
    const trouble = capability && this.#troubleWith(capability, part, source);
    if (isShown(level) && trouble === undefined) {
      this.#media.push({ part, source });
      return;
    }
    const why = trouble ?? `this network takes no ${part.type}`;
    this.#instead(level, why, name, [`${name}: ${source?.url ?? part.url}`]);
  }

  /** Why media that the network takes in general can't be given to it. */
  #troubleWith(
    { mimeTypes, maxBytes, needsPublicUrl }: MediaCapability,
    part: MediaMessagePart,
    source: MediaSource | undefined,
  ): string | undefined {
    const { maxMedia = 1 } = this.#capabilities;
    if (this.#media.length >= maxMedia) return `this network takes ${maxMedia} in one message`;
    const mimeType = source?.mimeType ?? part.mimeType;
    if (mimeTypes !== undefined && mimeType !== undefined && !isOneOf(mimeType, mimeTypes)) {
      return `this network takes no ${mimeType}`;
    }
    const sizeBytes = source?.sizeBytes ?? part.sizeBytes ?? 0;
    if (maxBytes !== undefined && sizeBytes > maxBytes) {
      return `it has ${sizeBytes} bytes, this network takes ${maxBytes}`;
    }
    if (needsPublicUrl === true && !/^https?:/.test(source?.url ?? part.url)) {
      return "the network could not fetch it from here";
    }
    return undefined;
  }

  #addLocation(part: PartOf<"location">): void {
    const { location: level = "fallback" } = this.#capabilities;
    if (isShown(level) && this.#location === undefined) {
      this.#location = part;
      return;
    }
    const { latitude, longitude, label } = part;
    const url = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}`;
    const line = label === undefined ? url : `${label}: ${url}`;
    this.#instead(level, "this network shows no place", "a place", [line]);
  }

  #addCard(part: PartOf<"card">): void {
    const { card: level = "fallback" } = this.#capabilities;
    if (isShown(level) && this.#card === undefined) {
      this.#card = part;
      return;
    }
    const lines = [part.title, part.text, part.url].filter((line) => line !== undefined);
    this.#instead(level, "this network shows no cards", "a card", lines);
  }

  #addTemplate(part: PartOf<"template">): void {
    const { template: level = "dropped" } = this.#capabilities;
    if (isShown(level) && this.#template === undefined) {
      this.#template = part;
      return;
    }
    const words = `template ${part.name}: this network has no templates`;
    if (level === "rejected" || this.#message.text === undefined) {
      this.#refusal ??= `${words}; give the message a text`;
    } else {
      this.#warn(`${words}, so only the text was sent`);
    }
  }

  /** Says a part in words, or leaves it out. */
  #instead(level: Level, why: string, name: string, lines: readonly string[]): void {
    if (level === "rejected") this.#refusal ??= `${name} can't be sent: ${why}`;
    else if (level === "dropped") this.#warn(`${name} was left out: ${why}`);
    else {
      this.#lines.push(...lines);
      this.#warn(`${name} was sent as text: ${why}`);
    }
  }

  #warn(words: string): void {
    if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push(words.slice(0, MAX_WARNING));
  }
}

function isShown(level: Level): boolean {
  return level === "full" || level === "partial";
}

function mediaKindOf(
  part: MediaMessagePart,
  source: MediaSource | undefined,
): "image" | "audio" | "video" | "file" {
  if (part.type !== "file") return part.type;
  return (source?.mimeType ?? part.mimeType)?.startsWith("video/") === true ? "video" : "file";
}

function isOneOf(mimeType: string, accepted: readonly string[]): boolean {
  const [plain = ""] = mimeType.toLowerCase().split(";");
  return accepted.some((one) =>
    one.endsWith("/*") ? plain.startsWith(one.slice(0, -1)) : plain.trim() === one,
  );
}
