import path from 'node:path'
import { RefusedError, UsageError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { connectionSettings } from '../connection-settings.ts'
import { noSuchContext } from './chosen-context.ts'
import { type ClusterContext, readContexts, writeContexts } from './context-file.ts'

/** A context to be kept. */
export interface NewContext {
  readonly name: string
  readonly context: ClusterContext
  /** Whether it becomes the current one. */
  readonly use: boolean
  /** Whether it may take the place of one of that name. */
  readonly replace: boolean
}

/** Keeps a context. Throws UsageError for what could not be used, RefusedError for a name that is taken. */
export function addContext({ name, context: added, use, replace }: NewContext, context: CommandContext): void {
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new UsageError(
      `'${name}' is no name for a context: letters, digits, dots, dashes and _ are allowed, up to 64`,
    )
  }
  const kept = withWholePaths(added)
  check(kept)
  const { current, contexts } = readContexts(context.env)
  if (contexts.has(name) && !replace) {
    throw new RefusedError(`nothing was changed: there is a context ${name} already`, {
      suggestions: ['add --replace to put this one in its place'],
    })
  }
  const next = use ? name : current
  writeContexts({ current: next, contexts: new Map([...contexts, [name, kept]]) }, context.env)
  context.say(`context ${name} is kept${next === name ? ' and is the current one' : `; mq contexts use ${name}`}`)
}

/** A file is found from any folder. */
function withWholePaths(context: ClusterContext): ClusterContext {
  const files = ['secret-key-file', 'tls-ca', 'tls-cert', 'tls-key'] as const
  const whole = files.flatMap((name) => {
    const file = context[name]
    return file === undefined ? [] : [[name, path.resolve(file)] as const]
  })
  return { ...context, ...Object.fromEntries(whole) }
}

function check(context: ClusterContext): void {
  const secret = context['secret-key-file'] !== undefined || context['secret-command'] !== undefined
  if (secret && context['access-key'] === undefined) {
    throw new UsageError('there is a secret key but no access key', { suggestions: ['add --access-key'] })
  }
  // The secret is not asked for here: it may be on another host, or wait for a passphrase.
  const flags = {
    namesrv: context.namesrv,
    'access-key': undefined,
    'secret-key-file': undefined,
    tls: context.tls === true,
    'tls-ca': context['tls-ca'],
    'tls-cert': context['tls-cert'],
    'tls-key': context['tls-key'],
    'tls-insecure': context['tls-insecure'] === true,
    namespace: context.namespace,
    'broker-map': context['broker-map'],
  }
  connectionSettings(flags, {})
}

/** Which context becomes the current one. */
interface UsedContext {
  readonly name: string | undefined
  readonly none: boolean
}

/** Makes a context the current one, or none. Throws UsageError for a name that is none. */
export function useContext({ name, none }: UsedContext, context: CommandContext): void {
  if (none ? name !== undefined : name === undefined) throw new UsageError('name a context, or give --none')
  const { contexts } = readContexts(context.env)
  if (name !== undefined && !contexts.has(name)) throw noSuchContext(name, contexts)
  writeContexts({ current: name, contexts }, context.env)
  if (name === undefined) context.say('there is no current context any more: the embedded broker is used')
  else context.say(`${name} is the current context`)
}

/** Forgets a context. Throws UsageError for a name that is none. */
export function removeContext(name: string, context: CommandContext): void {
  const { current, contexts } = readContexts(context.env)
  if (!contexts.has(name)) throw noSuchContext(name, contexts)
  const others = new Map([...contexts].filter(([other]) => other !== name))
  writeContexts({ current: current === name ? undefined : current, contexts: others }, context.env)
  context.say(
    `context ${name} is forgotten${current === name ? '; it was the current one, and there is none now' : ''}`,
  )
}
