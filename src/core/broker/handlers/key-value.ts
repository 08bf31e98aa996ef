import { ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'

/** Longer ones are no key of the store. */
const MAX_NAME_BYTES = 1024

/** The name server's table of texts (`DefaultRequestProcessor#putKVConfig` …). */
export function keyValueHandlers({ keyValues }: Pick<BrokerServices, 'keyValues'>): Handlers {
  return {
    putKvConfig: async ({ namespace, key, value }) => {
      if (Buffer.byteLength(namespace + key) > MAX_NAME_BYTES) {
        const remark = `a namespace and key have at most ${MAX_NAME_BYTES} bytes together`
        throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, remark)
      }
      keyValues.put(namespace, key, value)
      await keyValues.flush()
      return { outcome: 'OK' }
    },
    getKvConfig: ({ namespace, key }) => {
      const value = keyValues.get(namespace, key)
      if (value !== undefined) return { outcome: 'OK', value }
      const remark = `No config item, Namespace: ${namespace} Key: ${key}`
      throw new ResponseFailure(ResponseCode.QUERY_NOT_FOUND, remark)
    },
    deleteKvConfig: async ({ namespace, key }) => {
      keyValues.delete(namespace, key)
      await keyValues.flush()
      return { outcome: 'OK' }
    },
    getKvListByNamespace: ({ namespace }) => {
      const table = keyValues.list(namespace)
      if (table.size > 0) return { outcome: 'OK', body: { table } }
      throw new ResponseFailure(ResponseCode.QUERY_NOT_FOUND, `No config item, Namespace: ${namespace}`)
    },
  }
}
