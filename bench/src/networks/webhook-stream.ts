/** Of every so many webhooks one is an earlier one once more: 5 %. */
const DUPLICATE_EVERY = 20;
/** Webhooks that come together leave in any order. */
const SHUFFLED = 16;
/** How far back a duplicate reaches, in turn: to one that is hardly answered, and to one that is long handled. */
const REACH = [3, 1000] as const;

/** What a network sends, in the order in which it leaves. */
export interface WebhookStream {
  /** The number of each webhook's message; a number that stands twice is a duplicate. */
  readonly numbers: Int32Array;
  /** How many messages there are: their numbers begin with the first and have no gap. */
  readonly messages: number;
}

/** A stream of so many webhooks: each message once, 5 % once more, and neighbours not in their order. The same at every call. */
export function webhookStream(count: number, first: number): WebhookStream {
  const numbers = new Int32Array(count);
  let messages = 0;
  for (let place = 0; place < count; place += 1) {
    if (place % DUPLICATE_EVERY === DUPLICATE_EVERY - 1) {
      const turn = Math.floor(place / DUPLICATE_EVERY);
      const reach = REACH[turn % REACH.length] ?? 1;
      numbers[place] = first + Math.max(0, messages - reach);
    } else {
      numbers[place] = first + messages;
      messages += 1;
    }
  }
  shuffleNeighbours(numbers);
  return { numbers, messages };
}

function shuffleNeighbours(numbers: Int32Array): void {
  let seed = 1;
  for (let start = 0; start < numbers.length; start += SHUFFLED) {
    const group = numbers.subarray(start, start + SHUFFLED);
    for (let place = group.length - 1; place > 0; place -= 1) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      const other = seed % (place + 1);
      const kept = group[place] ?? 0;
      group[place] = group[other] ?? 0;
      group[other] = kept;
    }
  }
}
