import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { configDirectory } from './config-directory.ts'

/** How to reach a cluster, under a name; the members are called like the flags they stand for. */
export interface ClusterContext {
  readonly namesrv?: string | undefined
  readonly 'access-key'?: string | undefined
  readonly 'secret-key-file'?: string | undefined
  /** Told to a shell; the first line it prints is the secret key. */
  readonly 'secret-command'?: string | undefined
  readonly tls?: boolean | undefined
  readonly 'tls-ca'?: string | undefined
  readonly 'tls-cert'?: string | undefined
  readonly 'tls-key'?: string | undefined
  readonly 'tls-insecure'?: boolean | undefined
  readonly namespace?: string | undefined
  readonly 'broker-map'?: readonly string[] | undefined
  /** Those that should be there, by name. */
  readonly brokers?: readonly string[] | undefined
  /** Changes want the name of what they change typed. */
  readonly protected?: boolean | undefined
  /** Changes are refused. */
  readonly 'read-only'?: boolean | undefined
}

/** All contexts of the user. */
export interface Contexts {
  /** The one that is used where none is named. */
  readonly current: string | undefined
  /** By name, sorted. */
  readonly contexts: ReadonlyMap<string, ClusterContext>
}

type Environment = Readonly<Record<string, string | undefined>>

const members: Readonly<Record<keyof ClusterContext, 'string' | 'boolean' | 'list'>> = {
  namesrv: 'string',
  'access-key': 'string',
  'secret-key-file': 'string',
  'secret-command': 'string',
  tls: 'boolean',
  'tls-ca': 'string',
  'tls-cert': 'string',
  'tls-key': 'string',
  'tls-insecure': 'boolean',
  namespace: 'string',
  'broker-map': 'list',
  brokers: 'list',
  protected: 'boolean',
  'read-only': 'boolean',
}

/** The file with the contexts. */
function contextFile(env: Environment): string {
  return path.join(configDirectory(env), 'contexts.json')
}

/** What the file holds; nothing where there is none. Throws UsageError, without anything of its text, for a file that is none. */
export function readContexts(env: Environment): Contexts {
  const file = contextFile(env)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return { current: undefined, contexts: new Map() }
    throw new UsageError(`cannot read ${file} (${String(code)})`, { cause })
  }
  const problem = (what: string): UsageError => new UsageError(`${file}: ${what}`)
  const root = parsed(text)
  if (!isRecord(root)) throw problem('it is not a JSON object')
  const { current, contexts = {} } = root
  if (current !== undefined && typeof current !== 'string') throw problem('"current" is not a name')
  if (!isRecord(contexts)) throw problem('"contexts" is not an object')
  const entries = Object.entries(contexts).map(([name, value]) => [name, readContext(name, value, problem)] as const)
  return { current, contexts: new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Its message would quote the file.
    return undefined
  }
}

function readContext(name: string, value: unknown, problem: (what: string) => UsageError): ClusterContext {
  if (!isRecord(value)) throw problem(`context ${name} is not an object`)
  for (const [member, found] of Object.entries(value)) {
    const wanted = Object.hasOwn(members, member) ? members[member as keyof ClusterContext] : undefined
    if (wanted === undefined) throw problem(`context ${name} has a member '${member}' that means nothing`)
    const kind = Array.isArray(found) && found.every((item) => typeof item === 'string') ? 'list' : typeof found
    if (kind !== wanted) throw problem(`context ${name}: '${member}' is not a ${wanted}`)
  }
  return value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Writes the file, for its owner only; it is there whole or as it was. */
export function writeContexts({ current, contexts }: Contexts, env: Environment): void {
  const file = contextFile(env)
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const unfinished = `${file}.${process.pid}.tmp`
  const text = JSON.stringify({ current, contexts: Object.fromEntries(contexts) }, undefined, 2)
  writeFileSync(unfinished, `${text}\n`, { mode: 0o600 })
  renameSync(unfinished, file)
}
