/** Words in which a flag that may stand alone, as `--watch` for `--watch=2s`, has its value always. */
export function withDefaultValue(words: readonly string[], flag: string, value: string): string[] {
  const end = words.indexOf('--')
  return words.map((word, index) => (word === flag && (end === -1 || index < end) ? `${flag}=${value}` : word))
}
