/** Something with data as JSON text. */
interface HasData {
  readonly dataJson: string;
}

/** How many of these entries, the first always, have data of `maxLength` characters together. */
export function countWithin(
  entries: readonly HasData[],
  maxLength: number = Number.POSITIVE_INFINITY,
): number {
  let length = 0;
  const firstBeyond = entries.findIndex(({ dataJson }, i) => {
    length += dataJson.length;
    return length > maxLength && i > 0;
  });
  return firstBeyond < 0 ? entries.length : firstBeyond;
}
