import { readFileSync } from 'node:fs'
import { parseNameServers } from '../core/client/index.ts'
import { UsageError } from '../core/errors.ts'
import type { Credentials } from '../core/protocol/index.ts'
import { splitAddress, type TlsOptions } from '../core/remoting/index.ts'
import { type ChosenContext, nameServerVariables } from './contexts/chosen-context.ts'
import { readFlag } from './flag-types.ts'

/** The values of the connection flags. */
export interface ConnectionFlagValues {
  readonly context?: string | undefined
  readonly namesrv: string | undefined
  readonly 'access-key': string | undefined
  readonly 'secret-key-file': string | undefined
  readonly tls: boolean
  readonly 'tls-ca': string | undefined
  readonly 'tls-cert': string | undefined
  readonly 'tls-key': string | undefined
  readonly 'tls-insecure': boolean
  readonly namespace: string | undefined
  readonly 'broker-map': readonly string[] | undefined
}

/** How to reach a cluster. */
export interface ConnectionSettings {
  /** `undefined`: nobody named any. */
  readonly nameServers: readonly string[] | undefined
  readonly credentials: Credentials | undefined
  readonly tls: TlsOptions | undefined
  readonly namespace: string | undefined
  readonly addressMap: ReadonlyMap<string, string>
  /** Names of brokers that should be there. */
  readonly expectedBrokers: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** A context, and the secret key its command has printed. */
export interface ResolvedContext extends ChosenContext {
  readonly secretKey?: string | undefined
}

/**
 * Puts flags, environment and context together; a flag wins over the environment, and that over the context. Throws
 * {@link UsageError} for what contradicts itself or cannot be read.
 */
export function connectionSettings(
  flags: ConnectionFlagValues,
  env: Environment,
  chosen?: ResolvedContext,
): ConnectionSettings {
  const context = chosen?.context ?? {}
  return {
    nameServers: nameServers(flags.namesrv, env, chosen),
    credentials: credentials(flags, env, chosen),
    tls: tlsOptions({
      tls: flags.tls || context.tls === true,
      'tls-ca': flags['tls-ca'] ?? context['tls-ca'],
      'tls-cert': flags['tls-cert'] ?? context['tls-cert'],
      'tls-key': flags['tls-key'] ?? context['tls-key'],
      'tls-insecure': flags['tls-insecure'] || context['tls-insecure'] === true,
    }),
    namespace: (flags.namespace ?? context.namespace) || undefined,
    addressMap: addressMap(flags['broker-map'] ?? context['broker-map'] ?? []),
    expectedBrokers: context.brokers ?? [],
  }
}

/** Whether the secret key has to be asked of the context's command: nothing before it tells one. */
export function wantsSecretCommand(
  flags: Pick<ConnectionFlagValues, 'secret-key-file'>,
  env: Environment,
  { context }: ChosenContext,
): boolean {
  const known = flags['secret-key-file'] ?? (env['MQ_SECRET_KEY'] || context['secret-key-file'])
  return known === undefined && context['secret-command'] !== undefined
}

function nameServers(
  flag: string | undefined,
  env: Environment,
  chosen: ChosenContext | undefined,
): string[] | undefined {
  if (flag !== undefined) return readFlag('namesrv', flag, parseNameServers)
  const ofContext = { source: `context ${chosen?.name ?? ''}`, text: chosen?.context.namesrv?.trim() }
  const ofEnvironment = nameServerVariables.map((name) => ({ source: name, text: env[name]?.trim() }))
  const order = chosen?.byFlag === true ? [ofContext, ...ofEnvironment] : [...ofEnvironment, ofContext]
  const first = order.find(({ text }) => Boolean(text))
  if (first?.text === undefined) return undefined
  try {
    return parseNameServers(first.text)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${first.source}: ${error.message}`, { cause: error })
    throw error
  }
}

function credentials(
  flags: ConnectionFlagValues,
  env: Environment,
  chosen: ResolvedContext | undefined,
): Credentials | undefined {
  const accessKey = flags['access-key'] || chosen?.context['access-key'] || undefined
  const secretKey = secretKeyOf(flags, env, chosen)
  if (accessKey === undefined && secretKey === undefined) return undefined
  if (accessKey === undefined) {
    throw new UsageError('there is a secret key but no access key', {
      suggestions: ['add --access-key or set MQ_ACCESS_KEY'],
    })
  }
  if (secretKey === undefined) {
    throw new UsageError('there is an access key but no secret key', {
      suggestions: ['set MQ_SECRET_KEY or add --secret-key-file'],
    })
  }
  return { accessKey, secretKey, securityToken: env['MQ_SECURITY_TOKEN'] || undefined }
}

function secretKeyOf(
  flags: ConnectionFlagValues,
  env: Environment,
  chosen: ResolvedContext | undefined,
): string | undefined {
  const file = flags['secret-key-file']
  if (file !== undefined) return readSecret(file)
  if (env['MQ_SECRET_KEY']) return env['MQ_SECRET_KEY']
  const ofContext = chosen?.context['secret-key-file']
  return ofContext === undefined ? chosen?.secretKey : readSecret(ofContext)
}

function readSecret(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be read'
    throw new UsageError(`--secret-key-file: cannot read ${file} (${why})`, { cause })
  }
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError(`--secret-key-file: ${file} is empty`)
  return secret
}

type TlsFlagValues = Pick<ConnectionFlagValues, 'tls' | 'tls-ca' | 'tls-cert' | 'tls-key' | 'tls-insecure'>

function tlsOptions(flags: TlsFlagValues): TlsOptions | undefined {
  const caFile = flags['tls-ca']
  const certFile = flags['tls-cert']
  const keyFile = flags['tls-key']
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new UsageError('--tls-cert and --tls-key are only of use together')
  }
  const insecure = flags['tls-insecure']
  const wanted = flags.tls || insecure || caFile !== undefined || certFile !== undefined
  return wanted ? { caFile, certFile, keyFile, insecure } : undefined
}

function addressMap(entries: readonly string[]): Map<string, string> {
  const map = new Map<string, string>()
  for (const entry of entries) {
    const [told, real, ...more] = entry.split('=').map((part) => part.trim())
    if (!told || !real || more.length > 0 || !splitAddress(told) || !splitAddress(real)) {
      throw new UsageError(`--broker-map: '${entry}' is not TOLD=REAL, two addresses host:port`, {
        suggestions: ['for example --broker-map 10.0.0.5:10911=localhost:10911'],
      })
    }
    map.set(told, real)
  }
  return map
}
