import { parseNameServers } from '../../core/client/index.ts'
import { RefusedError, UsageError } from '../../core/errors.ts'
import type { ChosenContext } from './chosen-context.ts'
import type { ClusterContext } from './context-file.ts'
import { type FindAddresses, shareServer } from './same-server.ts'

/** What the user's contexts say about changing a cluster. */
export interface WriteGuard {
  /** The context that says it. */
  readonly context: string | undefined
  /** Changes want the name of what they change typed. */
  readonly protected: boolean
  /** Changes are refused. */
  readonly readOnly: boolean
}

/**
 * The guard of a cluster: that of the context chosen, and of every context with one of its name servers, so that naming
 * the cluster another way is no way around it. Names are resolved where a context guards anything.
 */
export async function writeGuard(
  chosen: ChosenContext | undefined,
  contexts: ReadonlyMap<string, ClusterContext>,
  nameServers: readonly string[],
  find: FindAddresses,
): Promise<WriteGuard> {
  const guarding = [...contexts].filter(([, context]) => context['read-only'] === true || context.protected === true)
  const same = await Promise.all(guarding.map(([, { namesrv }]) => shareServer(serversOf(namesrv), nameServers, find)))
  const others = guarding.filter((_, at) => same[at])
  const all = [...(chosen === undefined ? [] : [[chosen.name, chosen.context] as const]), ...others]
  const strict = all.find(([, context]) => context['read-only']) ?? all.find(([, context]) => context.protected)
  return {
    context: strict?.[0] ?? chosen?.name,
    protected: all.some(([, context]) => context.protected === true),
    readOnly: all.some(([, context]) => context['read-only'] === true),
  }
}

/** A context that names no server that can be read guards nothing but itself. */
function serversOf(namesrv: string | undefined): readonly string[] {
  if (namesrv === undefined) return []
  try {
    return parseNameServers(namesrv)
  } catch (error) {
    if (error instanceof UsageError) return []
    throw error
  }
}

/** Throws RefusedError when the context allows no change; `what` says why this is one. */
export function refuseReadOnly(guard: WriteGuard, what: string, suggestions: readonly string[] = []): void {
  if (!guard.readOnly) return
  const message = `nothing was changed: context ${guard.context ?? ''} is read-only, and ${what}`
  throw new RefusedError(message, { suggestions })
}
