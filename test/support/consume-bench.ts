import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EmbeddedBroker, ResetMode } from '../../src/core/broker/index.ts'
import { ClientInstance } from '../../src/core/client/index.ts'
import { Producer, selectQueue } from '../../src/core/producer/index.ts'
import { tcpConnect } from '../../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../../src/core/support/index.ts'
import { memoryBroker, temporaryFolder } from './mq.ts'

/** Queues of every topic made here. */
export const QUEUES = 4

const script = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** A broker for consume commands under test, and topics with numbered messages on it. */
export class ConsumeBench {
  readonly broker: EmbeddedBroker
  readonly client: ClientInstance
  readonly producer: Producer
  readonly #folder = temporaryFolder()
  #topics = 0

  private constructor(broker: EmbeddedBroker) {
    this.broker = broker
    this.client = new ClientInstance({
      nameServers: [broker.address],
      clientId: 'test',
      connect: tcpConnect(),
      clock: systemClock,
      logger: silentLogger,
    })
    this.producer = new Producer(this.client, { origin: { ip: '127.0.0.1', pid: process.pid, instance: 0 } })
  }

  static async start(options: { readonly resetMode?: ResetMode } = {}): Promise<ConsumeBench> {
    return new ConsumeBench(await memoryBroker(options))
  }

  async close(): Promise<void> {
    await this.producer.close()
    await this.client.close()
    await this.broker.close()
    this.#folder.remove()
  }

  /** The path of a file that goes with the bench. */
  file(name: string): string {
    return path.join(this.#folder.path, name)
  }

  /** A new topic with messages 1 … count, spread over its queues: n in queue n mod 4, keyed, tagged even or odd. */
  async topicWith(count: number, body = String as (n: number) => string): Promise<string> {
    const topic = `t${++this.#topics}-orders`
    const request = { topic, defaultTopic: topic, readQueueNums: QUEUES, writeQueueNums: QUEUES, perm: 6 }
    await this.client.remoting.invoke(this.broker.address, 'updateAndCreateTopic', request)
    await this.send(topic, { from: 1, to: count }, body)
    return topic
  }

  async send(
    topic: string,
    range: { readonly from: number; readonly to: number },
    body = String as (n: number) => string,
  ): Promise<void> {
    const numbers = Array.from({ length: range.to - range.from + 1 }, (_, i) => range.from + i)
    for (let queueId = 0; queueId < QUEUES; queueId++) {
      const messages = numbers
        .filter((n) => n % QUEUES === queueId)
        .map((n) => ({ topic, body: Buffer.from(body(n)), keys: [`key-${n}`], tags: n % 2 === 0 ? 'even' : 'odd' }))
      if (messages.length > 0) await this.producer.sendBatch(messages, { selector: selectQueue('broker-a', queueId) })
    }
  }

  /** The words of a consume command against this broker. */
  consume(topic: string, ...flags: string[]): string[] {
    return ['consume', topic, '-n', this.broker.address, ...flags]
  }

  /** How many messages of a topic a group has committed, over all queues. */
  async committed(group: string, topic: string): Promise<number> {
    const { queueOffsets } = this.client
    const queues = Array.from({ length: QUEUES }, (_, queueId) => ({ topic, brokerName: 'broker-a', queueId }))
    const offsets = await Promise.all(queues.map((queue) => queueOffsets.committed(group, queue)))
    return offsets.reduce<number>((total, offset) => total + (offset ?? 0), 0)
  }

  /** Starts a command with its standard streams as the test wants them. */
  spawn(args: readonly string[], stdout: number | 'pipe'): ChildProcess {
    return spawn(process.execPath, [script, ...args], { stdio: ['ignore', stdout, 'pipe'], env: this.#env() })
  }

  /** Runs a line of shell in which `mq` speaks to this broker. */
  shell(line: string): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const mq = `mq() { "${process.execPath}" "${script}" "$@"; }`
    const child = spawn('bash', ['-c', `${mq}; set -o pipefail; ${line}`], { env: this.#env() })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.resume()
    return new Promise((resolve) => {
      child.once('close', (code) => {
        resolve({ code, stdout })
      })
    })
  }

  #env(): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.#folder.path, MQ_NAMESRV: this.broker.address }
  }
}

/** From the beginning to what is there now, one body a line. */
export const all = ['--from', 'first', '--until-caught-up', '-o', 'raw']

/** The numbers on the lines of a text. */
export function numbersOf(text: string): number[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)
}

/** 1 … count. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

/** By size. */
export function sorted(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b)
}

/** Resolves with the first thing a child prints. */
export function printed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.once('data', () => {
      resolve()
    })
  })
}
