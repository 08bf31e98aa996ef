import type { ClientInstance } from '../../client/index.ts'
import { localIp } from '../../client/index.ts'
import { checkTopicName, javaHash, UniqKeyGenerator } from '../../protocol/index.ts'
import { Producer } from '../producer.ts'
import { TraceDispatcher } from './trace-dispatcher.ts'
import { TRACE_TOPIC, type TraceRecord } from './trace-record.ts'

/** Whether traces are written, and where to. */
export type TraceOption = boolean | { readonly topic?: string | undefined }

/** Writes traces of a group to a topic, by a producer of its own. */
export interface MessageTrace {
  append(record: TraceRecord): void
  /** An id for what belongs together. */
  nextId(): string
  /** Sends what is left, within 5 s. */
  close(): Promise<void>
}

/**
 * Opens the traces of a group; `undefined` when none are wanted. `role` tells those of a producer from those of a
 * consumer. Throws {@link UsageError} for a bad topic.
 */
export function openTrace(
  client: ClientInstance,
  option: TraceOption | undefined,
  owner: { readonly group: string; readonly role: 'CONSUME' | 'PRODUCE' },
): MessageTrace | undefined {
  if (option === undefined || option === false) return undefined
  const topic = client.wireName((typeof option === 'object' ? option.topic : undefined) ?? TRACE_TOPIC)
  checkTopicName(topic)
  const { clock, logger } = client
  const origin = {
    ip: localIp(),
    pid: process.pid,
    instance: javaHash(`${client.clientId} ${owner.group} ${owner.role}`),
  }
  const ids = new UniqKeyGenerator(origin)
  // Longer names than a group may have do not become one.
  const producerGroup = `_INNER_TRACE_PRODUCER-${owner.group}-${owner.role}-1`.slice(0, 120)
  const producer = new Producer(client, { group: producerGroup, sendTimeoutMs: 5000, origin })
  const dispatcher = new TraceDispatcher({
    clock,
    logger,
    send: (text, keys) => producer.send({ topic, body: Buffer.from(text), keys }),
  })
  return {
    append: (record) => {
      dispatcher.append(record)
    },
    nextId: () => ids.next(clock.now()),
    close: async () => {
      await dispatcher.close()
      await producer.close()
    },
  }
}
