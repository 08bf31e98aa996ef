/**
 * The words of a line of bash up to the cursor, the last one being completed: without quotes, empty after a blank. What
 * bash would replace in them stays as it is written.
 */
export function shellWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    if (character === '\\' && quote !== "'") word = (word ?? '') + line.charAt(++at)
    else if (quote !== '' ? character === quote : character === "'" || character === '"') {
      quote = quote === '' ? character : ''
      word ??= ''
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  return [...words, word ?? '']
}

/** A candidate as bash puts it in place of the last part of the word: it takes `:` and `=` for the ends of words. */
export function bashCandidate(candidate: string, written: string): string {
  const start = Math.max(written.lastIndexOf(':'), written.lastIndexOf('=')) + 1
  return candidate.slice(start).replace(/[^\w%@+=:,./-]/g, String.raw`\$&`)
}
