import { UsageError } from '../../core/errors.ts'

/** How the user names messages of a topic. */
export type MessageName =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'key'; readonly key: string }
  | { readonly by: 'place'; readonly brokerName: string; readonly queueId: number; readonly offset: number }

/** Reads an id of either kind or a place (`broker-a:0:1200`), or takes a key. Throws UsageError for neither and for both. */
export function messageName(word: string | undefined, key: string | undefined): MessageName {
  if (key !== undefined) {
    if (word !== undefined) throw new UsageError(`'${word}' and --key both say which message; give one`)
    if (key === '' || /\s/.test(key)) throw new UsageError(`--key: '${key}' is no key: they have no blanks in them`)
    return { by: 'key', key }
  }
  if (word === undefined) {
    throw new UsageError('which message? Name its id, its place, or a key', { suggestions: examples })
  }
  const [, brokerName, queueId, offset] = /^([^\s:]+):(\d{1,6}):(\d{1,16})$/.exec(word) ?? []
  if (brokerName !== undefined) {
    const place = { brokerName, queueId: Number(queueId), offset: Number(offset) }
    if (Number.isSafeInteger(place.offset)) return { by: 'place', ...place }
  }
  if (word === '' || /[\s:]/.test(word)) {
    throw new UsageError(`'${word}' is neither an id nor a place`, { suggestions: examples })
  }
  return { by: 'id', id: word }
}

const examples = [
  'for example mq messages get orders 7F0000010000…, orders broker-a:0:1200 or orders --key order-1',
] as const
