import type { ConnectionFlagValues } from '../connection-settings.ts'
import { connectionFlags } from '../flags.ts'

/** The flags of a command line that lead another command to the same cluster; a secret is never among them. */
export function connectionWords(flags: ConnectionFlagValues): string {
  const names = Object.keys(connectionFlags) as (keyof ConnectionFlagValues)[]
  const words = names.flatMap((name): string[] => {
    const value = flags[name]
    if (value === undefined || value === false) return []
    if (value === true) return [`--${name}`]
    const values = typeof value === 'string' ? [value] : value
    return values.map((one) => `${name === 'namesrv' ? '-n' : `--${name}`} ${quoted(one)}`)
  })
  return words.map((word) => ` ${word}`).join('')
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w.:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
