import { isWildcard, patternTokens } from "@anywire/types";

/** A test for many channel names against one valid pattern, that splits no strings where it need not. */
export function patternTest(pattern: string): (channel: string) => boolean {
  if (!isWildcard(pattern)) return (channel) => channel === pattern;
  const [platform, type, id] = patternTokens(pattern);
  if (id !== "*") return (channel) => matches(channel.split("."), platform, type, id);
  if (platform === "*") {
    if (type === "*") return () => true;
    return (channel) => channel.startsWith(`${type}.`, channel.indexOf(".") + 1);
  }
  const prefix = type === "*" ? `${platform}.` : `${platform}.${type}.`;
  return (channel) => channel.startsWith(prefix);
}

function matches(parts: readonly string[], platform: string, type: string, id: string): boolean {
  return (
    parts[2] === id &&
    (type === "*" || parts[1] === type) &&
    (platform === "*" || parts[0] === platform)
  );
}
