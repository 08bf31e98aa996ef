// The full scene of orderly consumption: 100,000 messages of 1,000 keys in 8 queues, three consumers, one that joins, one
// that is ended, one that is killed, one that is stopped for 30, 70 and 130 s. Prints what was consumed, and whether any
// key was consumed out of order. Takes 7 minutes.
//
//   npx tsx bench/orderly-scene.ts                                         on an embedded broker
//   npx tsx bench/orderly-scene.ts --namesrv HOST:PORT --broker HOST:PORT   on a real one
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ClientInstance } from '../src/core/client/index.ts'
import { tcpConnect } from '../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../src/core/support/index.ts'
import { checkOrder } from '../test/support/order-checker.ts'
import { OrderedProducer } from '../test/support/ordered-producer.ts'
import { deliveriesOf, Program } from '../test/support/program.ts'

const MESSAGES = 100_000
const KEYS = 1000
const QUEUES = 8
/** So that messages come for as long as things happen. */
const PER_SECOND = 270
const CHUNK_MS = 200

const { values } = parseArgs({ options: { namesrv: { type: 'string' }, broker: { type: 'string' } } })
const topic = `orderly-${randomUUID().slice(0, 8)}`
const group = `scene-${topic}`
const started = performance.now()
const say = (text: string): void => {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`)
}

const dataDir = mkdtempSync(path.join(tmpdir(), 'orderly-scene-'))
const own = values.namesrv === undefined ? new Program('broker', ['--data-dir', dataDir]) : undefined
await own?.until(() => own.lines.some((line) => line.startsWith('serving ')))
const namesrv = values.namesrv ?? own?.lines[0]?.split(' ')[1] ?? ''
const broker = values.broker ?? namesrv

const client = new ClientInstance({
  nameServers: [namesrv],
  clientId: `127.0.0.1@${process.pid}#scene`,
  connect: tcpConnect(),
  clock: systemClock,
  logger: silentLogger,
})
await client.remoting.invoke(broker, 'updateAndCreateTopic', {
  topic,
  defaultTopic: 'TBW102',
  readQueueNums: QUEUES,
  writeQueueNums: QUEUES,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  topicSysFlag: 0,
  order: true,
})
const members = new Map<string, Program>()
const finished = await run()
await client.close()
await own?.stop()
rmSync(dataDir, { recursive: true, force: true })
process.exitCode = finished ? 0 : 1

async function run(): Promise<boolean> {
  for (const name of ['ends', 'dies', 'stops']) join(name)
  await Promise.all([...members.values()].map((member) => member.until(() => member.lines.includes('started'))))
  const producing = produce()
  await sleep(10_000)
  join('joins')
  await sleep(15_000)
  const [ends, dies, stops] = ['ends', 'dies', 'stops'].map((name) => members.get(name))
  if (!ends || !dies || !stops) throw new Error('a member is missing')
  say(`SIGTERM to one: it ended with ${await ends.stop()}`)
  await sleep(15_000)
  await stop(stops, 30)
  await sleep(10_000)
  say('SIGKILL to one')
  await dies.kill()
  await sleep(70_000)
  const stopping = stop(stops, 70)
  await sleep(2000)
  // Only when the queues are shared out anew does somebody want those of the one that is stopped.
  join('joins later')
  await stopping
  await sleep(15_000)
  await stop(stops, 130)
  await producing
  return verdict()
}

function join(name: string): void {
  say(`a consumer that ${name}`)
  const program = new Program('consumer', [
    ...['--namesrv', namesrv, '--topic', topic, '--group', group],
    ...['--orderly', '--takes', '2', '--persist-ms', '5000'],
  ])
  members.set(name, program)
}

async function stop(member: Program, seconds: number): Promise<void> {
  say(`SIGSTOP for ${seconds} s`)
  member.freeze()
  await sleep(seconds * 1000)
  member.thaw()
  say('SIGCONT')
}

async function produce(): Promise<void> {
  const producer = new OrderedProducer(client, { topic, keys: KEYS })
  const begun = performance.now()
  while (producer.sent < MESSAGES) {
    const due = Math.min(MESSAGES, Math.ceil(((performance.now() - begun + CHUNK_MS) / 1000) * PER_SECOND))
    await producer.send(Math.max(0, due - producer.sent))
    await sleep(CHUNK_MS)
  }
  say(`${MESSAGES} messages are produced`)
  await producer.close()
}

async function verdict(): Promise<boolean> {
  const produced = new Map(Array.from({ length: KEYS }, (_, index) => [`key-${index}`, MESSAGES / KEYS] as const))
  const mayLose = new Set(['dies', 'stops'])
  const check = (): ReturnType<typeof checkOrder> => checkOrder(deliveriesOf(members, topic), { produced, mayLose })
  for (let i = 0; i < 100 && check().missing.length > 0; i++) await sleep(1000)
  for (const [name, member] of members) if (name !== 'dies') await member.stop()
  const result = check()
  say(`${result.deliveries} deliveries of ${result.distinct} messages, ${result.repeats} repeats`)
  for (const name of members.keys()) {
    const count = deliveriesOf(members, topic).filter(({ member }) => member === name).length
    say(`  the one that ${name}: ${count}`)
  }
  for (const each of [...result.skips, ...result.missing]) say(`SKIPPED ${each}`)
  for (const each of result.stale) say(`STALE ${each}`)
  const good = [result.skips, result.missing, result.stale].every((each) => each.length === 0)
  say(good ? 'every key in order, nothing lost, no step without the lock' : 'FAILED')
  return good
}
