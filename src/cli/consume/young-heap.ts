import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's space for young objects at its first size instead of letting it grow to 16 MiB. Messages are small objects
 * that pin the large buffer they came in until they are collected: collected sooner, they cost a third less memory and
 * hardly more time (`bench/consume.ts`).
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
