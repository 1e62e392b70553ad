import type { ChannelAbilities } from "@anywire/types";
import { networkName } from "../networks/network-names.ts";

/** A file that is to go out. */
interface Leaving {
  readonly key: number;
  readonly file: Pick<File, "type" | "size">;
}

type Media = ChannelAbilities["media"][number];

/** What becomes of files that those outside do not get as they are, by their keys. */
export function outsideNotes(
  files: readonly Leaving[],
  outside: ChannelAbilities | null | undefined,
): ReadonlyMap<number, string> {
  const notes = new Map<number, string>();
  if (outside === null || outside === undefined) return notes;
  const network = networkName(outside.network);
  let shown = 0;
  for (const { key, file } of files) {
    const media = outside.media.find(({ kind }) => kind === kindOf(file));
    if (media?.level === "rejected") notes.set(key, `${network} takes no message with it.`);
    else if (media?.level === "dropped") notes.set(key, `${network} leaves it out.`);
    else if (shown < outside.maxMedia && isShown(media, file)) shown += 1;
    else notes.set(key, `Goes as a link over ${network}.`);
  }
  return notes;
}

function isShown(media: Media | undefined, { type, size }: Leaving["file"]): boolean {
  if (media?.level !== "full" && media?.level !== "partial") return false;
  const { mimeTypes = ["*/*"], maxBytes = size } = media;
  const isTaken = mimeTypes.some(
    (one) =>
      one === "*/*" || one === type || (one.endsWith("/*") && type.startsWith(one.slice(0, -1))),
  );
  return isTaken && size <= maxBytes;
}

function kindOf({ type }: Leaving["file"]): Media["kind"] {
  const [kind] = type.split("/");
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "file";
}
