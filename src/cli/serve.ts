import path from 'node:path'
import type { ResetMode } from '../core/broker/index.ts'
import { localIp } from '../core/client/index.ts'
import type { StorageError } from '../core/errors.ts'
import { abortReason } from '../core/support/index.ts'
import type { CommandContext } from './command-context.ts'
import { dataDirectory } from './data-directory.ts'
import { EMBEDDED_HOST, embeddedPort } from './embedded.ts'
import { jsonLine } from './output/json.ts'
import { stdoutWriter } from './stdout.ts'

/** How to run the broker. */
export interface ServeRequest {
  readonly host: string
  readonly port: number
  /** `undefined`: the user's own. */
  readonly dataDir: string | undefined
  readonly inMemory: boolean
  /** Who carries a reset of offsets out. */
  readonly resetMode: ResetMode
  /** Whether stdout is told when it serves. */
  readonly json: boolean
}

/**
 * Runs the embedded broker until the command is interrupted, and closes it in order. Rejects with ListenError or
 * StorageError when it cannot begin, with StorageError when its store fails later.
 */
export async function serve(request: ServeRequest, context: CommandContext, interrupted: () => boolean): Promise<void> {
  const { host, port, inMemory } = request
  const dataDir = inMemory
    ? undefined
    : request.dataDir === undefined
      ? dataDirectory(context.env)
      : path.resolve(request.dataDir)
  const failed = new AbortController()
  // Loaded only here: most commands speak to a cluster.
  const { EmbeddedBroker } = await import('../core/broker/index.ts')
  const broker = await EmbeddedBroker.start({
    host,
    port,
    advertisedHost: advertisedHost(host),
    store: dataDir === undefined ? { kind: 'memory' } : { kind: 'lmdb', dataDir },
    resetMode: request.resetMode,
    clock: context.clock,
    logger: context.logger,
    onFatal: (error: StorageError) => {
      failed.abort(error)
    },
  })
  try {
    await announce({ address: broker.address, dataDir, json: request.json }, context)
    const ended = AbortSignal.any([context.signal, failed.signal])
    await untilAborted(ended)
    if (failed.signal.aborted || !interrupted()) throw abortReason(ended)
    context.say('stopping')
  } finally {
    await broker.close()
  }
}

async function announce(
  what: { readonly address: string; readonly dataDir: string | undefined; readonly json: boolean },
  context: CommandContext,
): Promise<void> {
  const { address, dataDir, json } = what
  const data = dataDir === undefined ? 'in memory: nothing is kept' : `data in ${dataDir}`
  const found =
    address === `${EMBEDDED_HOST}:${embeddedPort(context.env)}`
      ? 'mq finds it by itself'
      : `export MQ_NAMESRV=${address}`
  context.say(`serving at ${address} (${data}); ${found}; Ctrl-C stops it`)
  if (json)
    await stdoutWriter().write(`${jsonLine({ namesrv: address, dataDir: dataDir ?? null, pid: process.pid })}\n`)
}

/** Listening on all addresses, a broker must still tell clients one. */
function advertisedHost(host: string): string | undefined {
  return host === '0.0.0.0' || host === '::' ? localIp() : undefined
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
