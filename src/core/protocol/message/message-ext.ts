import { ProtocolError } from '../../errors.ts'
import { decompress } from './compression.ts'
import { formatIp } from './ip.ts'
import { encodeOffsetMessageId } from './message-id.ts'
import { decodeProperties, PropertyName } from './properties.ts'
import { At, bodyCrc, type Host, recordLayout } from './stored-message.ts'
import { compressionOf, MessageSysFlag } from './sys-flag.ts'

/**
 * A received message: a small view of the buffer it came in. Nothing is read before it is asked for, and what is read
 * from the buffer stays valid for the life of the message. A message pins the buffer of its whole pull answer:
 * take {@link copy} to keep one for long.
 */
export class MessageExt {
  readonly #bytes: Buffer
  readonly #start: number
  /** The position in its queue; identity together with topic, broker and queue id. */
  readonly queueOffset: number
  /** The broker it was pulled from; empty when unknown. */
  readonly brokerName: string
  #topic: string | undefined
  #properties: Map<string, string> | undefined
  #reconsumeTimes: number | undefined
  #decompressed: Buffer | undefined

  /** `bytes` at `start` must have passed `checkRecord`. */
  constructor(bytes: Buffer, start: number, origin: MessageOrigin = {}) {
    this.#bytes = bytes
    this.#start = start
    this.brokerName = origin.brokerName ?? ''
    this.queueOffset = readLong(bytes, start + At.QUEUE_OFFSET) + (origin.offsetDelta ?? 0)
  }

  get queueId(): number {
    return this.#bytes.readInt32BE(this.#start + At.QUEUE_ID)
  }

  /** The application's own number. */
  get flag(): number {
    return this.#bytes.readInt32BE(this.#start + At.FLAG)
  }

  get sysFlag(): number {
    return this.#bytes.readInt32BE(this.#start + At.SYS_FLAG)
  }

  /** Its position in the broker's commit log. */
  get commitLogOffset(): bigint {
    return this.#bytes.readBigInt64BE(this.#start + At.PHYSICAL_OFFSET)
  }

  /** When the producer made it, in ms since the epoch, by the producer's clock. */
  get bornTimestamp(): number {
    return readLong(this.#bytes, this.#start + At.BORN_TIMESTAMP)
  }

  get bornHost(): Host {
    return readHost(this.#bytes, this.#start + At.BORN_HOST, (this.sysFlag & MessageSysFlag.BORN_HOST_V6) !== 0)
  }

  /** When the broker stored it, in ms since the epoch, by the broker's clock. */
  get storeTimestamp(): number {
    return readLong(this.#bytes, recordLayout(this.#bytes, this.#start).storeTimestamp)
  }

  get storeHost(): Host {
    const { storeHost } = recordLayout(this.#bytes, this.#start)
    return readHost(this.#bytes, storeHost, (this.sysFlag & MessageSysFlag.STORE_HOST_V6) !== 0)
  }

  /** How often it was sent back. */
  get reconsumeTimes(): number {
    return this.#reconsumeTimes ?? this.#bytes.readInt32BE(recordLayout(this.#bytes, this.#start).reconsumeTimes)
  }

  set reconsumeTimes(times: number) {
    this.#reconsumeTimes = times
  }

  get preparedTransactionOffset(): bigint {
    return this.#bytes.readBigInt64BE(recordLayout(this.#bytes, this.#start).reconsumeTimes + 4)
  }

  /** The topic the application knows: of a retried message the one it was first sent to. */
  get topic(): string {
    this.#topic ??= this.storedTopic
    return this.#topic
  }

  set topic(topic: string) {
    this.#topic = topic
  }

  /** The topic the record is stored under. */
  get storedTopic(): string {
    const layout = recordLayout(this.#bytes, this.#start)
    return this.#bytes.toString('utf8', layout.topic, layout.topic + layout.topicBytes)
  }

  /** The bytes of the whole record. */
  get record(): Buffer {
    return this.#bytes.subarray(this.#start, this.#start + this.recordBytes)
  }

  /** The size of the record, as stored. */
  get recordBytes(): number {
    return this.#bytes.readInt32BE(this.#start)
  }

  /** The body as stored, compressed or not. */
  get storedBody(): Buffer {
    const layout = recordLayout(this.#bytes, this.#start)
    return this.#bytes.subarray(layout.body, layout.body + layout.bodyBytes)
  }

  /** The body as it was sent; decompressed once. Throws {@link ProtocolError} when it cannot be decompressed. */
  get body(): Buffer {
    const compression = compressionOf(this.sysFlag)
    if (compression === undefined) return this.storedBody
    this.#decompressed ??= decompress(this.storedBody, compression)
    return this.#decompressed
  }

  /** Whether the body still has the checksum it was stored with. Java clients do not ask. */
  get bodyIntact(): boolean {
    return this.#bytes.readInt32BE(this.#start + At.BODY_CRC) === bodyCrc(this.storedBody)
  }

  /** All properties; parsed once, when first asked for. */
  get properties(): ReadonlyMap<string, string> {
    this.#properties ??= decodeProperties(this.#propertiesText())
    return this.#properties
  }

  getProperty(name: string): string | undefined {
    return this.properties.get(name)
  }

  get tags(): string | undefined {
    return this.getProperty(PropertyName.TAGS)
  }

  /** The index keys. */
  get keys(): readonly string[] {
    return (this.getProperty(PropertyName.KEYS) ?? '').split(' ').filter((key) => key !== '')
  }

  /** What Java's users call the message id: the producer's UNIQ_KEY if there is one, else the offset message id. */
  get msgId(): string {
    return this.getProperty(PropertyName.UNIQ_KEY) ?? this.offsetMsgId
  }

  /** The id that names the record in its broker's commit log. */
  get offsetMsgId(): string {
    const { ip, port } = this.storeHost
    return encodeOffsetMessageId({ host: ip, port, commitLogOffset: this.commitLogOffset })
  }

  /** The same message in a buffer of its own, which pins no other message. */
  copy(): MessageExt {
    const bytes = Buffer.from(this.record)
    const copy = new MessageExt(bytes, 0, {
      brokerName: this.brokerName,
      offsetDelta: this.queueOffset - readLong(bytes, At.QUEUE_OFFSET),
    })
    copy.#topic = this.#topic
    copy.#reconsumeTimes = this.#reconsumeTimes
    return copy
  }

  #propertiesText(): string {
    const layout = recordLayout(this.#bytes, this.#start)
    return this.#bytes.toString('utf8', layout.properties, layout.properties + layout.propertiesBytes)
  }
}

/** What a record does not say about itself. */
export interface MessageOrigin {
  readonly brokerName?: string
  /** Added to the stored queue offset (static topics). */
  readonly offsetDelta?: number
}

function readLong(bytes: Buffer, at: number): number {
  const value = bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
  if (!Number.isSafeInteger(value)) throw new ProtocolError(`not a safe integer in a message: ${value}`)
  return value
}

function readHost(bytes: Buffer, at: number, v6: boolean): Host {
  const ipEnd = at + (v6 ? 16 : 4)
  return { ip: formatIp(bytes.subarray(at, ipEnd)), port: bytes.readInt32BE(ipEnd) }
}
