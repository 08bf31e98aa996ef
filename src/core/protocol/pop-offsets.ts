import { ProtocolError } from '../errors.ts'
import { retryTopic } from './names.ts'

/** Where messages come from that a group has popped and not acknowledged in time (`KeyBuilder#buildPopRetryTopicV1`). */
export function popRetryTopic(group: string, topic: string): string {
  return `${retryTopic(group)}_${topic}`
}

/** Where a popped message lies: 0 in the topic, 1 and 2 in the group's retry topic of it, in its old and new form. */
export function popRetryMark(group: string, topic: string, storedIn: string): string {
  if (storedIn === popRetryTopic(group, topic)) return '1'
  return storedIn === `${retryTopic(group)}+${topic}` ? '2' : '0'
}

/** The topic a popped message lies in, by its mark (`ExtraInfoUtil#getRealTopic`). */
export function popRealTopic(group: string, topic: string, mark: string): string {
  if (mark === '1') return popRetryTopic(group, topic)
  return mark === '2' ? `${retryTopic(group)}+${topic}` : topic
}

/** Queue offsets of an answer to POP, as it carries them beside the messages: by mark and queue (`ExtraInfoUtil.java`). */
export class PopOffsets {
  readonly #offsets = new Map<string, readonly number[]>()

  /** Reads `startOffsetInfo` or `msgOffsetInfo`. Throws ProtocolError for anything else, and for a queue named twice. */
  constructor(text: string) {
    for (const entry of text === '' ? [] : text.split(';')) {
      const [, mark, queueId, list] = /^(\w{1,8}) (\d{1,10}) (\d{1,16}(?:,\d{1,16}){0,1023})$/.exec(entry) ?? []
      const offsets = list?.split(',').map(Number) ?? []
      const key = `${mark}@${queueId}`
      if (offsets.length === 0 || !offsets.every(Number.isSafeInteger) || this.#offsets.has(key)) {
        throw new ProtocolError(`not the offsets of popped messages: '${text.slice(0, 120)}'`)
      }
      this.#offsets.set(key, offsets)
    }
  }

  /** The n-th offset of a queue; `undefined` when the answer does not tell it. */
  at(mark: string, queueId: number, index: number): number | undefined {
    return this.#offsets.get(`${mark}@${queueId}`)?.[index]
  }
}

/** Writes what {@link PopOffsets} reads. */
export function formatPopOffsets(
  queues: readonly { readonly mark: string; readonly queueId: number; readonly offsets: readonly number[] }[],
): string {
  return queues.map(({ mark, queueId, offsets }) => `${mark} ${queueId} ${offsets.join(',')}`).join(';')
}
