import { readFileSync } from 'node:fs'
import { parseNameServers } from '../core/client/index.ts'
import { UsageError } from '../core/errors.ts'
import type { Credentials } from '../core/protocol/index.ts'
import { splitAddress, type TlsOptions } from '../core/remoting/index.ts'
import { readFlag } from './flag-types.ts'

/** The values of the connection flags. */
export interface ConnectionFlagValues {
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
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Puts flags and environment together; a flag wins. Throws {@link UsageError} for what contradicts itself or cannot be
 * read.
 */
export function connectionSettings(flags: ConnectionFlagValues, env: Environment): ConnectionSettings {
  return {
    nameServers: nameServers(flags.namesrv, env),
    credentials: credentials(flags, env),
    tls: tlsOptions(flags),
    namespace: flags.namespace || undefined,
    addressMap: addressMap(flags['broker-map'] ?? []),
  }
}

function nameServers(flag: string | undefined, env: Environment): string[] | undefined {
  if (flag !== undefined) return readFlag('namesrv', flag, parseNameServers)
  for (const name of ['MQ_NAMESRV', 'NAMESRV_ADDR']) {
    const text = env[name]?.trim()
    if (!text) continue
    try {
      return parseNameServers(text)
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${name}: ${error.message}`, { cause: error })
      throw error
    }
  }
  return undefined
}

function credentials(flags: ConnectionFlagValues, env: Environment): Credentials | undefined {
  const accessKey = flags['access-key'] || undefined
  const file = flags['secret-key-file']
  const secretKey = file === undefined ? env['MQ_SECRET_KEY'] || undefined : readSecret(file)
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

function tlsOptions(flags: ConnectionFlagValues): TlsOptions | undefined {
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
