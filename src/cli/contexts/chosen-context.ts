import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../suggest.ts'
import type { ClusterContext, Contexts } from './context-file.ts'

/** The context a command works in. */
export interface ChosenContext {
  readonly name: string
  readonly context: ClusterContext
  /** Named by `--context`: it wins over the environment. */
  readonly byFlag: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** Environment variables that name servers, ours first. */
export const nameServerVariables = ['MQ_NAMESRV', 'NAMESRV_ADDR'] as const

/**
 * The context named by `--context` or `MQ_CONTEXT`, else the current one. A cluster that is named another way is no part of
 * the current context: whose credentials those are, nobody has said. Throws UsageError for a name that is none.
 */
export function chooseContext(
  flags: { readonly context?: string | undefined; readonly namesrv: string | undefined },
  env: Environment,
  { current, contexts }: Contexts,
): ChosenContext | undefined {
  const named = flags.context ?? (env['MQ_CONTEXT'] || undefined)
  const elsewhere = flags.namesrv !== undefined || nameServerVariables.some((name) => Boolean(env[name]?.trim()))
  const name = named ?? (elsewhere ? undefined : current)
  if (name === undefined) return undefined
  const context = contexts.get(name)
  if (context === undefined) throw noSuchContext(name, contexts)
  return { name, context, byFlag: flags.context !== undefined }
}

/** The error for a name that is no context. */
export function noSuchContext(name: string, contexts: ReadonlyMap<string, ClusterContext>): UsageError {
  const names = [...contexts.keys()]
  const known = names.length === 0 ? 'mq contexts add NAME -n host:port makes one' : `there is ${names.join(', ')}`
  return new UsageError(`there is no context ${name}`, { suggestions: [...didYouMean(name, names), known] })
}
