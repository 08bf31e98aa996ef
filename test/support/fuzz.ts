/** Random numbers that are the same in every run (mulberry32). */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** An integer from 0 up to, without, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }
}

/** Lengths, counts and flags that decoders stumble over. */
const integers = [
  0,
  1,
  -1,
  3,
  4,
  7,
  8,
  127,
  128,
  255,
  256,
  32_767,
  65_535,
  2 ** 24,
  2 ** 24 + 1,
  2 ** 31 - 1,
  -(2 ** 31),
]

/** Text that JSON readers stumble over. */
const snippets = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  ':',
  '{{',
  '}:{',
  '{0:',
  '{"$ref":"$"}',
  'null',
  '-',
  '1e999',
  '\u0000',
]

type Change = (bytes: Buffer, at: number, random: SeededRandom) => Buffer

const changes: readonly Change[] = [
  (bytes, at, random) => {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    return bytes
  },
  (bytes, at, random) => {
    bytes[at] = random.below(256)
    return bytes
  },
  (bytes, at, random) => {
    if (at + 4 <= bytes.length) bytes.writeInt32BE(random.pick(integers), at)
    return bytes
  },
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(20))]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(20)), bytes.subarray(at)]),
  (bytes, at, random) => {
    const part = bytes.subarray(at, at + random.below(200))
    return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)])
  },
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(snippets)), bytes.subarray(at)]),
]

/** The bytes with one to four changes. */
export function mutate(original: Buffer, random: SeededRandom): Buffer {
  let bytes: Buffer = Buffer.from(original)
  for (let left = 1 + random.below(4); left > 0; left--)
    bytes = random.pick(changes)(bytes, random.below(bytes.length), random)
  return bytes
}
