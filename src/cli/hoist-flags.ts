/** What of oclif's manifest is needed to tell flags apart. */
export interface FlagManifest {
  readonly commands: Readonly<Record<string, { readonly flags: Readonly<Record<string, ManifestFlag>> }>>
}

interface ManifestFlag {
  readonly type: string
  readonly char?: string
  readonly aliases?: readonly string[]
  readonly charAliases?: readonly string[]
  readonly allowNo?: boolean
}

type Kind = 'switch' | 'value' | 'ambiguous'

/**
 * Moves flags given before the command behind it, before any `--`: `--json topics list` → `topics list --json`. Stops
 * at the first word that is no flag, at a flag no command has, and at one that takes a value in some commands only.
 */
export function hoistFlags(args: readonly string[], manifest: FlagManifest): string[] {
  const kinds = flagKinds(manifest)
  let end = 0
  for (let arg = args[end]; arg !== undefined; arg = args[end]) {
    const words = wordsOf(arg, kinds)
    if (words === 0 || end + words > args.length) break
    end += words
  }
  const rest = args.slice(end)
  const stop = rest.indexOf('--')
  const before = stop === -1 ? rest.length : stop
  return [...rest.slice(0, before), ...args.slice(0, end), ...rest.slice(before)]
}

/** How many words a flag takes with its value; 0 when it cannot be told. */
function wordsOf(arg: string, kinds: ReadonlyMap<string, Kind>): 0 | 1 | 2 {
  const [, name, attached] = /^(--[^=]+|-[^-=])(.*)$/s.exec(arg) ?? []
  switch (name === undefined ? undefined : kinds.get(name)) {
    case 'switch':
      return 1
    case 'value':
      return attached === '' ? 2 : 1
    case 'ambiguous':
    case undefined:
      return 0
  }
}

function flagKinds(manifest: FlagManifest): Map<string, Kind> {
  const kinds = new Map<string, Kind>()
  for (const command of Object.values(manifest.commands)) {
    for (const [name, flag] of Object.entries(command.flags)) {
      const kind = flag.type === 'boolean' ? 'switch' : 'value'
      for (const spelling of spellings(name, flag)) {
        kinds.set(spelling, (kinds.get(spelling) ?? kind) === kind ? kind : 'ambiguous')
      }
    }
  }
  return kinds
}

function spellings(name: string, flag: ManifestFlag): string[] {
  const names = [name, ...(flag.aliases ?? [])]
  const chars = [...(flag.char === undefined ? [] : [flag.char]), ...(flag.charAliases ?? [])]
  return [
    ...names.map((long) => `--${long}`),
    ...(flag.allowNo === true ? names.map((long) => `--no-${long}`) : []),
    ...chars.map((char) => `-${char}`),
  ]
}
