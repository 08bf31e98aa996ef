import { UsageError } from '../../errors.ts'
import { LocalFileOffsetStore } from '../offset/local-file-offset-store.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { RemoteBrokerOffsetStore } from '../offset/remote-broker-offset-store.ts'
import type { EngineContext } from './engine-context.ts'

/** An offset store, and what makes it ready. */
interface BuiltStore {
  readonly offsets: OffsetStore
  readonly load: () => Promise<void>
}

/** Builds where progress is kept: on the brokers, or for a broadcasting consumer in a file. */
export function offsetStore(context: EngineContext): BuiltStore {
  const { client, group, options, offsetsDirectory } = context
  const { clientId, remoting, routes, logger } = client
  if (options.messageModel === 'BROADCASTING') {
    if (offsetsDirectory === undefined) throw new UsageError('a broadcasting consumer needs offsetsDirectory')
    const local = new LocalFileOffsetStore({ directory: offsetsDirectory, clientId, group, logger })
    return { offsets: local, load: () => local.load() }
  }
  const remote = new RemoteBrokerOffsetStore({
    group,
    remoting,
    addressOf: async (brokerName, topic) => (await routes.findReplica(brokerName, topic, 0))?.address,
    logger,
    setZeroIfNotFound: options.setZeroIfNotFound,
  })
  return { offsets: remote, load: () => Promise.resolve() }
}
