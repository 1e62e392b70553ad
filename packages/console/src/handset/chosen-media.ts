import type { HandsetDraftRequest } from "@anywire/types";

/** A file that goes with the next message. */
export interface ChosenMedia {
  readonly name: string;
  readonly mimeType: string;
  /** The whole file: pages show nothing that lies elsewhere. */
  readonly dataUrl: string;
}

/** The largest file, bytes: written as text it is a third larger, and the server takes 16 MiB. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Reads a chosen file. @throws {Error} when it is too large or can't be read */
export async function readMedia(file: File): Promise<ChosenMedia> {
  if (file.size > MAX_BYTES)
    throw new Error(`${file.name} is larger than 10 MB; choose a smaller one`);
  if (file.size === 0) throw new Error(`${file.name} is empty; choose another one`);
  const dataUrl = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error(`${file.name} can’t be read`));
    reader.readAsDataURL(file);
  });
  return { name: file.name, mimeType: file.type || "application/octet-stream", dataUrl };
}

/** How it travels. */
export function mediaOf({ name, mimeType, dataUrl }: ChosenMedia): HandsetDraftRequest["media"] {
  // A browser may add parameters such as a charset, which are no part of the type here.
  const [type = mimeType] = mimeType.split(";");
  return { name, mimeType: type, base64: dataUrl.slice(dataUrl.indexOf(",") + 1) };
}
