import { distance } from 'fastest-levenshtein'

/**
 * The candidate most like what was written, or `undefined` when none is near: at most a third of the letters (and at
 * most 4) may differ, or one is the beginning of the other.
 */
export function closest(written: string, candidates: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase()
  let best: string | undefined
  let least = Math.min(4, Math.max(1, Math.floor(wanted.length / 3) + 1))
  let leastLetters = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    const letters = distance(wanted, other)
    const differs = isBeginning(wanted, other) ? 1 : letters
    if (differs < least || (differs === least && letters < leastLetters)) {
      best = candidate
      least = differs
      leastLetters = letters
    }
  }
  return best
}

function isBeginning(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  return shorter >= 3 && (a.startsWith(b) || b.startsWith(a))
}

/** A suggestion naming the closest candidate, as a list that is empty when none is near. */
export function didYouMean(written: string, candidates: Iterable<string>): string[] {
  const found = closest(written, candidates)
  return found === undefined ? [] : [`did you mean ${found}?`]
}
