/** The header of a token. */
export interface JwtHeader {
  readonly alg: string;
  readonly [name: string]: unknown;
}

/** A token taken apart. */
export interface DecodedToken {
  readonly header: JwtHeader;
  /** An object, or a text where it is no JSON. */
  readonly payload: unknown;
  readonly signature: string;
}

/** A token taken apart, its signature not checked; null when it is none. */
export function decodeToken(
  token: unknown,
  options: { readonly complete: true },
): DecodedToken | null;
export function decodeToken(token: unknown, options?: { readonly complete?: boolean }): unknown;
export function decodeToken(
  token: unknown,
  options: { readonly complete?: boolean } = {},
): unknown {
  if (typeof token !== "string") return null;
  const [header = "", payload = "", signature, ...rest] = token.split(".");
  if (signature === undefined || rest.length > 0) return null;
  const head = parseJson(fromBase64(header));
  if (!isHeader(head)) return null;
  const text = fromBase64(payload);
  const said = parseJson(text) ?? text;
  return options.complete === true ? { header: head, payload: said, signature } : said;
}

function isHeader(value: unknown): value is JwtHeader {
  return (
    typeof value === "object" && value !== null && "alg" in value && typeof value.alg === "string"
  );
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64url").toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
