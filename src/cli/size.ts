import { UsageError } from '../core/errors.ts'

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1024],
  ['kb', 1024],
  ['kib', 1024],
  ['m', 1024 ** 2],
  ['mb', 1024 ** 2],
  ['mib', 1024 ** 2],
  ['g', 1024 ** 3],
  ['gb', 1024 ** 3],
  ['gib', 1024 ** 3],
])

/** Reads `512`, `4k`, `1.5M`, `2GiB` as bytes; a k is 1024. Throws {@link UsageError} saying what was read. */
export function parseSize(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)\s?([a-z]{0,3})$/i.exec(text.trim()) ?? []
  const factor = UNIT_BYTES.get(unit.toLowerCase())
  const bytes = Math.round(Number(amount) * (factor ?? 0))
  if (amount === '' || factor === undefined || !Number.isSafeInteger(bytes)) {
    throw new UsageError(`'${text}' is not a size: write bytes, or a number with k, M or G`, {
      suggestions: ['for example 512, 4k or 1.5M'],
    })
  }
  return bytes
}

/** A number of bytes for people: `512 B`, `4 KiB`, `1.5 MiB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let amount = bytes
  let step = 0
  while (amount >= 1024 && step < units.length - 1) {
    amount /= 1024
    step++
  }
  return `${Number(amount.toFixed(1))} ${units[step] ?? ''}`
}
