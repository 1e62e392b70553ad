import type { MessagePart } from "@anywire/types";

/** What one of a kind is called, and several. */
const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  text: ["Text", "texts"],
  image: ["Photo", "photos"],
  audio: ["Audio", "audio files"],
  file: ["File", "files"],
  location: ["Location", "locations"],
  card: ["Card", "cards"],
};

/** What a part of a message is, in a few words. */
export function describePart(part: MessagePart): string {
  if (part.type === "text") return part.text;
  if (part.type === "card") return part.title;
  if (part.type === "location") return part.label ?? coordinatesOf(part);
  const about = part.type === "image" ? part.alt : part.name;
  const [kind] = kindOf(part.type);
  return about === undefined ? kind : `${kind}: ${about}`;
}

/** What parts are of which only the types are known: `Photo`, `2 photos, File`. */
export function describeTypes(types: readonly string[]): string {
  return [...new Set(types)]
    .map((type) => {
      const [one, several] = kindOf(type);
      const count = types.filter((other) => other === type).length;
      return count === 1 ? one : `${count} ${several}`;
    })
    .join(", ");
}

/** Degrees of latitude and longitude, as one writes them. */
export function coordinatesOf({
  latitude,
  longitude,
}: Extract<MessagePart, { type: "location" }>): string {
  return `${latitude}, ${longitude}`;
}

/** A newer server may know of more. */
function kindOf(type: string): readonly [string, string] {
  return KINDS[type] ?? ["Attachment", "attachments"];
}
