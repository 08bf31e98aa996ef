import { RelaySource } from '../../core/admin/index.ts'
import { isAbort } from '../../core/errors.ts'
import { abortReason } from '../../core/support/index.ts'
import type { Snapshot } from '../../core/telemetry/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { requireGroup } from '../offsets/known-group.ts'
import { declaredStrategy } from '../rebalance/declared-strategy.ts'
import { stdoutWriter } from '../stdout.ts'
import { formatSnapshot } from './format-snapshot.ts'
import type { ListenAddress } from './listen-address.ts'
import { serveMetrics } from './serve-metrics.ts'

/** Of which groups metrics are wanted, and how. */
export interface GroupMetricsRequest {
  /** As the user calls them. */
  readonly groups: readonly string[]
  readonly listen: ListenAddress
  /** Written to stdout once, instead of served. */
  readonly once: boolean
}

/** However many scrape, the cluster is not asked more often. */
const FRESH_MS = 1000

/**
 * Serves metrics of groups until the command is ended, asking brokers and members whenever somebody scrapes; or writes
 * them once. Rejects with NotFoundError for a group no broker knows. Resolves to the exit code: 6 when somebody did not
 * answer that one time.
 */
export async function groupMetrics(
  request: GroupMetricsRequest,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const groups = [...new Set(request.groups)].map((group) => connection.wireName(group))
  const cluster = connection.nameServers.join(';')
  const source = new RelaySource({ client: connection.client, groups, cluster, strategyOf: declaredStrategy })
  const { signal, deadline } = context
  const first = await source.look({ timeoutMs: deadline.remainingMs(), signal })
  for (const survey of first.surveys) await requireGroup(survey, connection, invokeOptions(context))
  if (request.once) {
    await stdoutWriter().write(formatSnapshot(first.snapshot))
    return first.snapshot.partial ? ExitCode.PARTIAL : ExitCode.DONE
  }
  const look = shared(async () => (await source.look({ signal })).snapshot, context)
  const endpoint = await serveMetrics(request.listen, look)
  context.say(`metrics of ${request.groups.join(', ')} are served at ${endpoint.url}; Ctrl-C stops it`)
  try {
    await aborted(signal)
  } finally {
    await endpoint.close()
  }
  if (!isAbort(signal.reason)) throw abortReason(signal)
  return ExitCode.DONE
}

/** Whoever asks within a second gets the same answer, or waits for the same. */
function shared(look: () => Promise<Snapshot>, { clock }: Pick<CommandContext, 'clock'>): () => Promise<Snapshot> {
  let last: { readonly at: number; readonly snapshot: Promise<Snapshot> } | undefined
  return () => {
    const now = clock.monotonic()
    if (last === undefined || now - last.at >= FRESH_MS) {
      const snapshot = look()
      const current = { at: now, snapshot }
      last = current
      snapshot.catch(() => {
        if (last === current) last = undefined
      })
    }
    return last.snapshot
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
  })
}
