import type { CommandContext } from '../command-context.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { type ClusterContext, readContexts } from './context-file.ts'

/** A context as `contexts list` tells it: where a secret comes from, never what it is or which command tells it. */
interface ContextItem {
  readonly name: string
  readonly current: boolean
  readonly namesrv: string | null
  readonly secretFrom: 'command' | 'file' | 'environment' | null
  readonly tls: boolean
  readonly namespace: string | null
  readonly brokers: readonly string[]
  readonly protected: boolean
  readonly readOnly: boolean
}

const columns: readonly Column<ContextItem>[] = [
  { head: 'CURRENT', value: ({ current }) => (current ? '*' : '') },
  { head: 'NAME', value: ({ name }) => name },
  { head: 'NAMESRV', value: ({ namesrv }) => namesrv ?? '(embedded broker)' },
  { head: 'NAMESPACE', value: ({ namespace }) => namespace ?? undefined },
  { head: 'TLS', value: ({ tls }) => (tls ? 'yes' : 'no') },
  { head: 'SECRET', value: ({ secretFrom }) => secretFrom ?? undefined, wide: true },
  { head: 'BROKERS', value: ({ brokers }) => brokers.join(',') || undefined, wide: true },
  { head: 'WRITES', value: (item) => (item.readOnly ? 'refused' : item.protected ? 'protected' : 'allowed') },
]

/** Writes the contexts of the user. */
export async function listContexts(format: ListFormat, context: CommandContext): Promise<void> {
  const { current, contexts } = readContexts(context.env)
  const items = [...contexts].map(([name, one]) => contextItem(name, one, current))
  await printList({ name: 'contexts', items, columns, more: { current: current ?? null } }, format, context)
}

function contextItem(name: string, one: ClusterContext, current: string | undefined): ContextItem {
  return {
    name,
    current: name === current,
    namesrv: one.namesrv ?? null,
    secretFrom: secretSource(one),
    tls: [one.tls, one['tls-insecure'], one['tls-ca'], one['tls-cert']].some(Boolean),
    namespace: one.namespace ?? null,
    brokers: one.brokers ?? [],
    protected: one.protected === true,
    readOnly: one['read-only'] === true,
  }
}

function secretSource(one: ClusterContext): ContextItem['secretFrom'] {
  if (one['secret-key-file'] !== undefined) return 'file'
  if (one['secret-command'] !== undefined) return 'command'
  return one['access-key'] === undefined ? null : 'environment'
}
