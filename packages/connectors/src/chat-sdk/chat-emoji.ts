interface Resolver {
  toGChat(emoji: string): string;
  fromGChat(unicode: string): { readonly name: string };
}

/** The Chat SDK names emoji; people and other networks show them. Adapters bring it along. */
async function loadResolver(): Promise<Resolver | undefined> {
  try {
    const { defaultEmojiResolver } = await import("chat");
    return defaultEmojiResolver as unknown as Resolver;
  } catch {
    return undefined;
  }
}

/** An emoji that an adapter told of, as a character where there is one. */
export async function unicodeOf(emoji: unknown, raw: string): Promise<string> {
  const { name } = (emoji ?? {}) as { readonly name?: string };
  const resolver = await loadResolver();
  const found = name === undefined ? undefined : resolver?.toGChat(name);
  const isCharacter = found !== undefined && /\p{Extended_Pictographic}/u.test(found);
  return (isCharacter ? found : raw).slice(0, 64) || "?";
}

/** An emoji as adapters take it: its name where it has one, else the character itself. */
export async function nameOf(unicode: string): Promise<string> {
  const resolver = await loadResolver();
  return resolver?.fromGChat(unicode).name ?? unicode;
}
