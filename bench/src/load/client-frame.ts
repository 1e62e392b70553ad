const MASK = [0x5a, 0x13, 0xc7, 0x2e] as const;

/** One masked text frame, as a client sends it, for texts under 64 KiB. */
export function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? [0x80 | payload.length]
      : [0xfe, payload.length >> 8, payload.length & 0xff];
  for (let at = 0; at < payload.length; at += 1) {
    payload[at] = (payload[at] as number) ^ (MASK[at & 3] as number);
  }
  return Buffer.concat([Buffer.from([0x81, ...length, ...MASK]), payload]);
}
