/** So many of something, in words: `1 attempt`, `2 attempts`. */
export function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${one}s`;
}
