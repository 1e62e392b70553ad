/** The JSON that a body is. @throws {Error} when it is none, or none in UTF-8 */
export function jsonBody(body: Uint8Array): unknown {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
}
