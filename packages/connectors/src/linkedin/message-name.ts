const SEPARATOR = "/";
const THREAD = /^urn:li:messagingThread:[^\s/]{1,200}$/;

/**
 * What we call a message: LinkedIn's id of it, and before it the thread's where that is known, so that an answer can be put into
 * the thread.
 */
export function messageName(id: string, thread: string | undefined): string {
  return thread === undefined ? id : `${thread}${SEPARATOR}${id}`;
}

/** The thread that a message is in; undefined when its name does not tell. */
export function threadIn(name: string): string | undefined {
  const end = name.indexOf(SEPARATOR);
  const thread = end < 0 ? "" : name.slice(0, end);
  return isThread(thread) ? thread : undefined;
}

/** Whether a text is what LinkedIn calls a thread. */
export function isThread(text: string): boolean {
  return THREAD.test(text);
}
