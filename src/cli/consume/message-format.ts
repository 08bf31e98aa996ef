import { UsageError } from '../../core/errors.ts'
import type { MessageExt } from '../../core/protocol/index.ts'
import { ownProperties } from '../message-json.ts'

/** Text for one message; each character stands for one byte (`latin1`), so that bodies keep their bytes. */
export type ByteFormat = (message: MessageExt) => string

type Part = string | ((message: MessageExt) => string)

/** What each letter of `--format` stands for, for the help. */
export const formatLetters: readonly (readonly [string, string])[] = [
  ['%s', 'body'],
  ['%S', 'its length in bytes'],
  ['%k', 'keys, separated by spaces'],
  ['%K', 'their length in bytes'],
  ['%t', 'topic'],
  ['%b', 'broker'],
  ['%q', 'queue id (also %p)'],
  ['%o', 'offset'],
  ['%T', 'store time, ms since 1970'],
  ['%d', 'born time, ms since 1970'],
  ['%g', 'tag'],
  ['%m', 'message id'],
  ['%i', 'offset message id'],
  ['%r', 'reconsume count'],
  ['%h', 'properties, name=value, separated by commas'],
  ['%%', 'a %'],
]

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['0', '\0'],
  ['\\', '\\'],
])

/**
 * Compiles a `--format`: kcat's letters and ours (see {@link formatLetters}), `\n \r \t \0 \\ \xHH`; nothing is added at the
 * end. `topicOf` gives a message's topic as the user calls it. Throws {@link UsageError} for an unknown letter.
 */
export function compileFormat(format: string, topicOf: (message: MessageExt) => string): ByteFormat {
  const letters = lettersOf(topicOf)
  const parts: Part[] = []
  for (const [found, letter, hex, escape] of format.matchAll(/%(.?)|\\x([0-9a-fA-F]{2})|\\(.)|[^%\\]+|\\$/gsu)) {
    if (letter !== undefined) parts.push(letters.get(letter) ?? unknownLetter(letter))
    else if (hex !== undefined) parts.push(String.fromCharCode(Number.parseInt(hex, 16)))
    else if (escape !== undefined) parts.push(escapes.get(escape) ?? bytesOf(found))
    else parts.push(bytesOf(found))
  }
  return (message) => {
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : part(message)
    return text
  }
}

function lettersOf(topicOf: (message: MessageExt) => string): ReadonlyMap<string, Part> {
  const queue = (message: MessageExt): string => String(message.queueId)
  const keys = (message: MessageExt): string => bytesOf(message.keys.join(' '))
  return new Map<string, Part>([
    ['s', (message) => message.body.toString('latin1')],
    ['S', (message) => String(message.body.length)],
    ['k', keys],
    ['K', (message) => String(keys(message).length)],
    ['t', (message) => bytesOf(topicOf(message))],
    ['b', (message) => bytesOf(message.brokerName)],
    ['q', queue],
    ['p', queue],
    ['o', (message) => String(message.queueOffset)],
    ['T', (message) => String(message.storeTimestamp)],
    ['d', (message) => String(message.bornTimestamp)],
    ['g', (message) => bytesOf(message.tags ?? '')],
    ['m', (message) => bytesOf(message.msgId)],
    ['i', (message) => message.offsetMsgId],
    ['r', (message) => String(message.reconsumeTimes)],
    [
      'h',
      (message) =>
        bytesOf(
          Object.entries(ownProperties(message))
            .map((pair) => pair.join('='))
            .join(','),
        ),
    ],
    ['%', '%'],
  ])
}

function unknownLetter(letter: string): never {
  const known = formatLetters.map(([name]) => name).join(' ')
  throw new UsageError(`there is no %${letter} in a format; there are ${known}`, {
    suggestions: [String.raw`for example --format '%b:%q@%o %s\n'`],
  })
}

/** UTF-8 bytes as a string of bytes. */
function bytesOf(text: string): string {
  return /^[\u0000-\u007f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}
