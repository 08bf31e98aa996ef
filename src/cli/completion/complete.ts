import { ConnectionError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { ConnectionFlagValues } from '../connection-settings.ts'
import { readContexts } from '../contexts/context-file.ts'
import { undoIds } from '../offsets/undo-store.ts'
import { type Asked, answerFor, type Candidate } from './candidates.ts'
import { type CommandLine, type KnownCommand, readCommandLine } from './command-line.ts'
import { isInternal, liveNames } from './live-names.ts'
import { FILES, type Shell } from './scripts.ts'
import { bashCandidate, shellWords } from './shell-line.ts'

/** A word to be completed. */
export interface Completion {
  readonly shell: Shell
  /** The words after `mq` up to the cursor; of bash, the line. */
  readonly words: readonly string[]
  readonly commands: readonly KnownCommand[]
  /** Time for what a cluster is asked. */
  readonly timeoutMs: number
}

/** What may stand at the cursor, as the shell's script reads it. Rejects when a cluster does not answer in time. */
export async function complete(completion: Completion, context: CommandContext): Promise<string> {
  const { shell, commands, words } = completion
  const line = readCommandLine(shell === 'bash' ? shellWords(words.at(-1) ?? '').slice(1) : words, commands)
  const answer = answerFor(line, commands)
  const asks = 'asks' in answer ? answer.asks : undefined
  if (asks === 'files') return `${FILES}\n`
  const known = 'candidates' in answer ? answer.candidates : []
  const all = asks === undefined ? known : await asked(asks, line, { context, ...completion })
  const [, attached = '', begun = ''] = /^(--[a-z-]+=)?(.*)$/s.exec(line.current) ?? []
  const fitting = all.filter(({ value }) => value.startsWith(begun) && (!isInternal(value) || begun !== ''))
  return fitting
    .map(({ value, about }) => `${text(shell, { value: attached + value, about }, line.current)}\n`)
    .join('')
}

function text(shell: Shell, { value, about }: Candidate, written: string): string {
  if (shell === 'bash') return bashCandidate(value, written)
  return about === undefined ? value : `${value}\t${about.replaceAll(/\s+/g, ' ')}`
}

async function asked(
  what: Exclude<Asked, 'files'>,
  line: CommandLine,
  { context, timeoutMs }: { readonly context: CommandContext; readonly timeoutMs: number },
): Promise<readonly Candidate[]> {
  const { env } = context
  if (what === 'contexts') return [...readContexts(env).contexts.keys()].map((value) => ({ value }))
  if (what === 'undo') return undoIds(env).map((value) => ({ value }))
  if (timeoutMs <= 0) throw new ConnectionError('', 'there is no time to ask')
  const names = await liveNames(what, connectionFlagsOf(line, env), { context, timeoutMs })
  return names.map((value) => ({ value }))
}

/** How the line says that its cluster is reached, with what the environment says in place of a flag. */
function connectionFlagsOf({ command, given }: CommandLine, env: CommandContext['env']): ConnectionFlagValues {
  const valueOf = (name: string): string | undefined => {
    const value = given.get(name)
    if (typeof value === 'string') return value
    const variable = command?.flags[name]?.env
    return variable === undefined ? undefined : env[variable] || undefined
  }
  const isOn = (name: string): boolean => given.get(name) === true || valueOf(name)?.toLowerCase() === 'true'
  return {
    context: valueOf('context'),
    namesrv: valueOf('namesrv'),
    'access-key': valueOf('access-key'),
    'secret-key-file': valueOf('secret-key-file'),
    tls: isOn('tls'),
    'tls-ca': valueOf('tls-ca'),
    'tls-cert': valueOf('tls-cert'),
    'tls-key': valueOf('tls-key'),
    'tls-insecure': isOn('tls-insecure'),
    namespace: valueOf('namespace'),
    'broker-map': valueOf('broker-map')?.split(','),
  }
}
