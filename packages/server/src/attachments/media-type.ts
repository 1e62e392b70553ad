import { AnywireError } from "@anywire/types";

const MEDIA_TYPE = /^([a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62})\s*(?:;|$)/i;

/** What some systems call a type, so that a list needs only its registered name. */
const REGISTERED = new Map([
  ["application/x-zip", "application/zip"],
  ["application/x-zip-compressed", "application/zip"],
  ["text/rtf", "application/rtf"],
]);

/** What a browser may show in place. Whatever could run as a page or script is not here, nor will be. */
const SHOWN_IN_PLACE = new Set([
  "image/avif",
  "image/bmp",
  "image/gif",
  "image/jpeg",
  "image/png",
  "image/webp",
  "text/plain",
]);

/**
 * The media type that a header declares, in lower case, by its registered name and without parameters.
 * @throws {AnywireError} `unsupported_media_type` when it declares none.
 */
export function parseMediaType(header: string | undefined): string {
  const type = MEDIA_TYPE.exec(header ?? "")?.[1]?.toLowerCase();
  if (type !== undefined) return REGISTERED.get(type) ?? type;
  const given = header === undefined ? "nothing" : JSON.stringify(header.slice(0, 100));
  throw new AnywireError(
    "unsupported_media_type",
    `the content-type must say what the bytes are, such as image/jpeg, not ${given}`,
  );
}

/** Whether a list of types such as `application/pdf`, `image/*` or any has this one. */
export function isListed(types: readonly string[], type: string): boolean {
  const [group = ""] = type.split("/");
  return types.some((listed) => listed === type || listed === `${group}/*` || listed === "*/*");
}

/** Whether a browser may show bytes of this type where they are linked; all others are downloads. */
export function isShownInPlace(type: string): boolean {
  return SHOWN_IN_PLACE.has(type) || /^(?:audio|video)\//.test(type);
}

/** Whether bytes of this type are characters. */
export function isText(type: string): boolean {
  return /^text\/|[/+](?:json|xml)$|^application\/(?:x-)?(?:javascript|ecmascript|sh|yaml)$/.test(
    type,
  );
}
