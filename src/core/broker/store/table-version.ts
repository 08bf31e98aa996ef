import type { DataVersion } from '../../protocol/index.ts'

/** A version later than another (`DataVersion#nextVersion`). */
export function nextVersion(version: DataVersion, nowMs: number): DataVersion {
  return { counter: version.counter + 1, stateVersion: version.stateVersion, timestamp: nowMs }
}
