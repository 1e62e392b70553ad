/** Adds a value to the list under a key, made when it is the first. */
export function addTo<T>(groups: Record<string, T[]>, key: string, value: T): void {
  const group = groups[key];
  if (group === undefined) groups[key] = [value];
  else group.push(value);
}
