/** What {@link writeFastjson} can write. Absent and `undefined` members are left out, as fastjson leaves out nulls. */
export type Writable =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Writable[]
  | ReadonlyMap<Writable, Writable>
  | { readonly [name: string]: Writable }

/**
 * Writes a body as Java peers read it: strict JSON, except that a `Map` with objects as keys becomes
 * `{{"brokerName":…}:value}`, the only form that mqadmin and brokers of every version accept (fastjson 1 and 2).
 */
export function writeFastjson(value: Writable): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: Writable) => writeFastjson(item)).join(',')}]`
  const entries: Iterable<readonly [Writable, Writable]> = value instanceof Map ? value : Object.entries(value)
  const members: string[] = []
  for (const [key, item] of entries) {
    if (item === undefined) continue
    const name = typeof key === 'object' && key !== null ? writeFastjson(key) : JSON.stringify(String(key))
    members.push(`${name}:${writeFastjson(item)}`)
  }
  return `{${members.join(',')}}`
}
