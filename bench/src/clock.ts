/** Milliseconds since some moment that is the same for all processes of this machine; never set back. */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
