import type { MessagePart } from "@anywire/types";
import { type CSSProperties, type ReactElement, useState } from "react";
import { Icon, type IconName } from "../app/icon.tsx";
import { coordinatesOf, describePart } from "./describe-part.ts";
import { formatSize } from "./format-size.ts";
import "./message-parts.css";

type Part<Type extends MessagePart["type"]> = Extract<MessagePart, { type: Type }>;

/** An image of which nobody has said how large it is. */
const UNMEASURED = { widthPx: 320, heightPx: 240 };

/** What a message has beside its text. */
export function MessageParts({ parts }: { readonly parts: readonly MessagePart[] }): ReactElement {
  return (
    <div className="parts">
      {parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part has nothing else to tell it from its like
        <PartView key={i} part={part} />
      ))}
    </div>
  );
}

function PartView({ part }: { readonly part: MessagePart }): ReactElement {
  switch (part.type) {
    case "text":
      return <p>{part.text}</p>;
    case "image":
      return isHere(part.url) ? <Picture part={part} /> : <FileCard part={part} icon="image" />;
    case "audio":
      return isHere(part.url) ? <Sound part={part} /> : <FileCard part={part} icon="sound" />;
    case "file":
      return <FileCard part={part} icon="file" />;
    case "location":
      return <Location part={part} />;
    case "card":
      return <LinkCard part={part} />;
    case "template":
      return <p>{[`Template ${part.name}`, ...part.variables].join(" · ")}</p>;
  }
}

/** Whether it is an attachment of this server. The page's policy shows nothing from elsewhere, so that nobody learns who reads. */
function isHere(url: string): boolean {
  return url.startsWith("/");
}

/** Beside the page, which may be under a prefix. */
function addressOf(url: string): string {
  return isHere(url) ? `.${url}` : url;
}

/** An image in a box of its proportions, so that nothing moves when it comes: its thumbnail, or where there is none itself. */
function Picture({ part }: { readonly part: Part<"image"> }): ReactElement {
  const { url, alt, name, widthPx, heightPx } = part;
  const [misses, setMisses] = useState(0);
  const address = addressOf(url);
  const isMeasured = widthPx !== undefined && heightPx !== undefined;
  const source = [...(isMeasured ? [`${address}/thumbnail`] : []), address][misses];
  if (source === undefined) return <FileCard part={part} icon="image" />;
  const size = isMeasured ? { widthPx, heightPx } : UNMEASURED;
  const box = { "--width": size.widthPx, "--height": size.heightPx } as CSSProperties;
  return (
    <a
      className="picture"
      style={box}
      data-measured={isMeasured}
      href={address}
      target="_blank"
      rel="noreferrer"
    >
      <img
        key={source}
        src={source}
        alt={alt ?? name ?? "Photo"}
        decoding="async"
        draggable={false}
        onError={() => setMisses(misses + 1)}
      />
    </a>
  );
}

function Sound({ part: { url, name } }: { readonly part: Part<"audio"> }): ReactElement {
  return (
    <span className="sound">
      {name !== undefined && <span className="part-name">{name}</span>}
      {/* biome-ignore lint/a11y/useMediaCaption: what somebody sends has none */}
      <audio controls preload="metadata" src={addressOf(url)} aria-label={name ?? "Audio"} />
    </span>
  );
}

/** A file by its name: an attachment is downloaded, anything else opened where it is. */
function FileCard({
  part,
  icon,
}: {
  readonly part: Part<"file" | "image" | "audio">;
  readonly icon: IconName;
}): ReactElement {
  const { url, name, sizeBytes } = part;
  const opens = isHere(url) ? { download: name ?? "" } : { target: "_blank", rel: "noreferrer" };
  return (
    <a className="part-card" href={addressOf(url)} {...opens}>
      <PartWords
        icon={icon}
        name={name ?? describePart(part)}
        detail={sizeBytes === undefined ? hostOf(url) : formatSize(sizeBytes)}
      />
    </a>
  );
}

function Location({ part }: { readonly part: Part<"location"> }): ReactElement {
  return (
    <span className="part-card">
      <PartWords icon="place" name={part.label ?? "Location"} detail={coordinatesOf(part)} />
    </span>
  );
}

function LinkCard({
  part: { title, text, url, imageUrl },
}: {
  readonly part: Part<"card">;
}): ReactElement {
  return (
    <span className="part-card link-card">
      {imageUrl !== undefined && isHere(imageUrl) && <img src={addressOf(imageUrl)} alt="" />}
      <strong>{title}</strong>
      {text !== undefined && <span>{text}</span>}
      {url !== undefined && (
        <a href={addressOf(url)} target="_blank" rel="noreferrer">
          {hostOf(url) ?? "Open"}
        </a>
      )}
    </span>
  );
}

function PartWords({
  icon,
  name,
  detail,
}: {
  readonly icon: IconName;
  readonly name: string;
  readonly detail: string | undefined;
}): ReactElement {
  return (
    <>
      <Icon name={icon} size={20} />
      <span className="part-words">
        <span className="part-name" title={name}>
          {name}
        </span>
        {detail !== undefined && <span className="part-detail">{detail}</span>}
      </span>
    </>
  );
}

function hostOf(url: string): string | undefined {
  return isHere(url) ? undefined : (URL.parse(url)?.host ?? undefined);
}
