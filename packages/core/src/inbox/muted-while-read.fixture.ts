/** Something that an account does in a history, in one of its channels, one of so many ways. */
export type Step = readonly [kind: string, account: number, where: number, what: number];

/**
 * Unread was -1: a channel was followed anew as of a moment before a message, which was told from what
 * was heard meanwhile, and after it a mute, counted without the message.
 */
export const MUTED_WHILE_READ: [Step[][], number, number] = [
  [
    [["group", 1, 0, 4]],
    [["group", 0, 0, 5]],
    [["snapshot", 0, 0, 0]],
    [
      ["snapshot", 0, 0, 0],
      ["hide", 0, 0, 0],
    ],
    [
      ["snapshot", 0, 0, 0],
      ["edit", 0, 0, 0],
    ],
    [
      ["leave", 3, 7, 0],
      ["role", 0, 0, 0],
    ],
    [
      ["send", 0, 1, 0],
      ["mute", 0, 7, 0],
      ["group", 0, 0, 0],
    ],
  ],
  0,
  2,
];
