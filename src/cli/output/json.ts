/** JSON of one line; a bigint is written as text, since numbers beyond 2^53 would be rounded by readers. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, bigintAsText)
}

/** JSON for reading. */
export function jsonDocument(value: unknown): string {
  return JSON.stringify(value, bigintAsText, 2)
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
