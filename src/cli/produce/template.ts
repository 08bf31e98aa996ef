import { UsageError } from '../../core/errors.ts'
import type { OutgoingMessage, QueueSelector } from '../../core/producer/index.ts'
import { selectQueue } from '../../core/producer/index.ts'
import { PropertyName } from '../../core/protocol/index.ts'
import { readFlag } from '../flag-types.ts'
import { delayLevelOf } from './delay-level.ts'

/** The flags that say what every message is like. */
export interface TemplateFlagValues {
  readonly tags: string | undefined
  readonly key: readonly string[] | undefined
  readonly prop: readonly string[] | undefined
  readonly 'shard-key': string | undefined
  readonly queue: string | undefined
  readonly 'delay-level': number | undefined
  readonly delay: number | undefined
}

/** What every message is like; what a message says itself is given way to. */
export interface MessageTemplate {
  readonly topic: string
  readonly tags: string | undefined
  readonly keys: readonly string[]
  readonly delayLevel: number | undefined
  readonly shardingKey: string | undefined
  readonly properties: ReadonlyMap<string, string>
  /** The one queue to send to. */
  readonly selector: QueueSelector | undefined
}

/** A message before the template is applied. */
export interface MessageContent {
  readonly body: Buffer
  readonly tags?: string | undefined
  readonly keys?: readonly string[]
  readonly delayLevel?: number | undefined
  readonly shardingKey?: string | undefined
  readonly properties?: ReadonlyMap<string, string>
}

/** Reads the flags. Throws UsageError naming the one that cannot be used. */
export function messageTemplate(topic: string, flags: TemplateFlagValues): MessageTemplate {
  const { tags, key = [], prop = [], queue, delay } = flags
  const shardingKey = flags['shard-key']
  if (tags !== undefined) checkText('tags', tags)
  for (const one of key) checkKey(one)
  if (shardingKey !== undefined) checkText('shard-key', shardingKey)
  if (queue !== undefined && shardingKey !== undefined) {
    throw new UsageError('--queue and --shard-key both choose the queue; give one of them')
  }
  if (delay !== undefined && flags['delay-level'] !== undefined) {
    throw new UsageError('--delay and --delay-level say the same; give one of them')
  }
  return {
    topic,
    tags,
    keys: key,
    delayLevel:
      delay === undefined ? flags['delay-level'] : readFlag('delay', String(delay), (ms) => delayLevelOf(Number(ms))),
    shardingKey,
    properties: new Map(prop.map((text) => readFlag('prop', text, parseProperty))),
    selector: queue === undefined ? undefined : readFlag('queue', queue, parseQueue),
  }
}

/** The message to be sent: the template's flags win over what the content says, keys and properties add up. */
export function fromTemplate(template: MessageTemplate, content: MessageContent): OutgoingMessage {
  const { topic, tags, keys, delayLevel, shardingKey, properties } = template
  return {
    topic,
    body: content.body,
    tags: tags ?? content.tags,
    keys: content.keys === undefined ? keys : [...content.keys, ...keys],
    delayLevel: delayLevel ?? content.delayLevel,
    shardingKey: shardingKey ?? content.shardingKey,
    properties: content.properties === undefined ? properties : new Map([...content.properties, ...properties]),
  }
}

/** Properties a flag of its own sets, with that flag. */
const ownFlags: ReadonlyMap<string, string> = new Map([
  [PropertyName.TAGS, '--tags'],
  [PropertyName.KEYS, '--key'],
  [PropertyName.DELAY, '--delay or --delay-level'],
  [PropertyName.SHARDING_KEY, '--shard-key'],
])

const reserved: ReadonlySet<string> = new Set(Object.values(PropertyName))

function parseProperty(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=')
  const name = text.slice(0, equals)
  const value = text.slice(equals + 1)
  if (equals <= 0 || value === '') throw new UsageError(`'${text}' is not NAME=VALUE with a value that is not empty`)
  const flag = ownFlags.get(name)
  if (flag !== undefined) throw new UsageError(`the property ${name} is set by ${flag}`)
  if (reserved.has(name)) throw new UsageError(`the property ${name} belongs to RocketMQ itself; choose another name`)
  return [name, value]
}

function parseQueue(text: string): QueueSelector {
  const [, brokerName, queueId] = /^(.+):(\d{1,9})$/.exec(text) ?? []
  if (brokerName === undefined || queueId === undefined) {
    throw new UsageError(`'${text}' is not a queue; write BROKER:ID, for example broker-a:0`)
  }
  return selectQueue(brokerName, Number(queueId))
}

function checkText(flag: string, text: string): void {
  if (text.trim() === '') throw new UsageError(`--${flag} is empty`)
}

/** Keys travel as one text with blanks between them. */
function checkKey(key: string): void {
  if (key === '' || /\s/.test(key)) {
    throw new UsageError(`--key: '${key}' is empty or has a blank in it; give several keys as several --key`)
  }
}
