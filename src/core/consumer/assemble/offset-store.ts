import { UsageError } from '../../errors.ts'
import type { MessageQueue } from '../../protocol/index.ts'
import { LocalFileOffsetStore } from '../offset/local-file-offset-store.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { RemoteBrokerOffsetStore } from '../offset/remote-broker-offset-store.ts'
import type { EngineContext } from './engine-context.ts'

/** An offset store, and what not everybody who uses it may do. */
interface BuiltStore {
  readonly offsets: OffsetStore
  /** Makes it ready to be read. Rejects with StorageError when it cannot be. */
  readonly load: () => Promise<void>
  /** Stores what is remembered of these queues, or rejects. */
  readonly commit: (queues: readonly MessageQueue[]) => Promise<void>
}

/** What a store is built from. */
type StoreContext = Pick<EngineContext, 'client' | 'group' | 'offsetsDirectory'> & {
  readonly events?: EngineContext['events']
  readonly options: Pick<EngineContext['options'], 'messageModel' | 'setZeroIfNotFound'>
}

/**
 * Builds where progress is kept: on the brokers, or for a broadcasting consumer in a file. `mayStore` is asked before a
 * broker is told of a queue.
 */
export function offsetStore(context: StoreContext, mayStore?: (queue: MessageQueue) => boolean): BuiltStore {
  const { client, group, options, offsetsDirectory, events } = context
  const { clientId, remoting, routes, logger, clock } = client
  const observer = events && {
    monotonic: () => clock.monotonic(),
    persisted: (outcome: Parameters<typeof events.persisted>[0]) => {
      events.persisted(outcome)
    },
  }
  if (options.messageModel === 'BROADCASTING') {
    if (offsetsDirectory === undefined) throw new UsageError('a broadcasting consumer needs offsetsDirectory')
    const local = new LocalFileOffsetStore({ directory: offsetsDirectory, clientId, group, logger, observer })
    return { offsets: local, load: () => local.load(), commit: (queues) => local.commit(queues) }
  }
  const remote = new RemoteBrokerOffsetStore({
    group,
    remoting,
    addressOf: async (brokerName, topic) => (await routes.findReplica(brokerName, topic, 0))?.address,
    logger,
    setZeroIfNotFound: options.setZeroIfNotFound,
    mayStore,
    observer,
  })
  return { offsets: remote, load: () => Promise.resolve(), commit: (queues) => remote.commit(queues) }
}
