/** A run of versions of one minor release: each patch takes two numbers, its snapshot and its release. */
interface Run {
  readonly major: number
  readonly minor: number
  /** 3.3 to 3.9 had no patch 0. */
  readonly firstPatch: number
  readonly ordinal: number
}

const HIGHEST = 611

/** Before 16 come pre-releases of 3.0.0 (`MQVersion.java`). */
const runs: readonly Run[] = [
  { major: 3, minor: 0, firstPatch: 1, ordinal: 16 },
  { major: 3, minor: 1, firstPatch: 0, ordinal: 46 },
  { major: 3, minor: 2, firstPatch: 0, ordinal: 66 },
  ...[3, 4, 5, 6, 7, 8, 9].map((minor, i) => ({ major: 3, minor, firstPatch: 1, ordinal: 86 + 18 * i })),
  ...Array.from({ length: 20 }, (_, i) => ({
    major: 4 + Math.floor(i / 10),
    minor: i % 10,
    firstPatch: 0,
    ordinal: 212 + 20 * i,
  })),
]

/** An `MQVersion` ordinal as people write it, e.g. 513 → `5.5.0`; beyond 5.9.9 it is `6.0.0 or later`. */
export function versionName(ordinal: number): string {
  if (ordinal > HIGHEST) return '6.0.0 or later'
  const run = runs.findLast((candidate) => candidate.ordinal <= ordinal)
  if (run === undefined) return `3.0.0${ordinal === 0 ? '-SNAPSHOT' : ''}`
  const steps = ordinal - run.ordinal
  const patch = run.firstPatch + Math.floor(steps / 2)
  return `${run.major}.${run.minor}.${patch}${steps % 2 === 0 ? '-SNAPSHOT' : ''}`
}

/**
 * The `MQVersion` ordinal of a version as people or brokers write it: `5.3.3`, `V5_3_3`, `5.4.0-SNAPSHOT`. `undefined`
 * for what is no version and for one that has no number.
 */
export function mqVersion(version: string): number | undefined {
  const match = /^[vV]?(\d{1,3})[._](\d{1,3})[._](\d{1,3})([-_]SNAPSHOT)?$/.exec(version)
  if (match === null) return undefined
  const [major, minor, patch] = match.slice(1, 4).map(Number)
  const at = runs.findIndex((run) => run.major === major && run.minor === minor)
  const run = runs[at]
  if (run === undefined || patch === undefined) return undefined
  if (major === 3 && minor === 0 && patch === 0) return match[4] === undefined ? 15 : 0
  const ordinal = run.ordinal + 2 * (patch - run.firstPatch) + (match[4] === undefined ? 1 : 0)
  return patch >= run.firstPatch && ordinal < (runs[at + 1]?.ordinal ?? HIGHEST + 1) ? ordinal : undefined
}
