import type { FastjsonValue } from '../../src/core/protocol/fastjson-value.ts'

/**
 * What the reader of fastjson returns as plain values: maps with text keys become objects, maps with objects as keys
 * whatever `ofEntries` makes of their entries.
 */
export function plainJson(value: FastjsonValue, ofEntries: (entries: readonly unknown[]) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plainJson(item, ofEntries))
  if (!(value instanceof Map)) return value
  const entries = [...value].map(([key, item]) => [plainJson(key, ofEntries), plainJson(item, ofEntries)])
  return entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries) : ofEntries(entries)
}
