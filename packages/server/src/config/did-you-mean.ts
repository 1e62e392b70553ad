/** ` Did you mean x?` for the closest of the known names, or nothing when none is close. */
export function didYouMean(name: string, known: readonly string[]): string {
  const maxDistance = Math.max(2, Math.floor(name.length / 3));
  const [closest] = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance);
  return closest === undefined ? "" : ` Did you mean ${closest.candidate}?`;
}

/** @see https://en.wikipedia.org/wiki/Levenshtein_distance */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, character] of [...a].entries()) {
    const current = [row + 1];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (character === b[column - 1] ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const deleted = (above[column] ?? 0) + 1;
      current.push(Math.min(replaced, inserted, deleted));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
