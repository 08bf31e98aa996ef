import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { median } from './contestant.ts'

// What idle queues cost: the memory of `mq consume` with 1,000 queues in which nothing happens, against one.

const ROUNDS = Number(process.argv[2] ?? 3)
const IDLE_SECONDS = Number(process.argv[3] ?? 40)
const QUEUES = [1, 1000] as const
const mq = path.join(import.meta.dirname, '../bin/run.js')

/** Resolves with the first line a child says on a stream that has this in it. */
function line(child: ChildProcess, stream: 'stdout' | 'stderr', wanted: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const from = child[stream]
    if (from === null) throw new Error(`the child has no ${stream}`)
    createInterface({ input: from }).on('line', (text) => {
      if (text.includes(wanted)) resolve(text)
    })
    child.once('close', (code) => {
      reject(new Error(`the command ended with ${code} before it said ${wanted}`))
    })
  })
}

/** MiB the process holds now. */
function residentMiB(pid: number | undefined): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}

async function measure(namesrv: string, queues: number): Promise<number> {
  const args = [mq, 'consume', `idle-${queues}`, '-n', namesrv, '-g', `idle-${queues}`, '-o', 'none', '--from', 'first']
  const consumer = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => consumer.once('close', resolve))
  await line(consumer, 'stderr', `owning ${queues} queue`)
  // Long polls are asked anew every 15 s.
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000))
  const resident = residentMiB(consumer.pid)
  consumer.kill('SIGTERM')
  await ended
  return resident
}

const serving = [mq, 'broker', 'start', '--in-memory', '--port', '0', '-o', 'json']
const broker = spawn(process.execPath, serving, { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const { namesrv } = JSON.parse(await line(broker, 'stdout', 'namesrv')) as { readonly namesrv: string }
  for (const queues of QUEUES) {
    const args = ['topics', 'create', `idle-${queues}`, '--queues', String(queues), '-n', namesrv, '--yes']
    spawnSync(process.execPath, [mq, ...args], { stdio: 'inherit' })
  }
  const held = new Map<number, number[]>(QUEUES.map((queues) => [queues, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const queues of QUEUES) held.get(queues)?.push(await measure(namesrv, queues))
  }
  const one = median(held.get(1) ?? [])
  for (const [queues, values] of held) {
    const all = values.map((value) => value.toFixed(1)).join(', ')
    console.log(
      `${String(queues).padStart(5)} queues ${median(values).toFixed(1)} MiB (${all}), ${(median(values) / one).toFixed(3)} × one`,
    )
  }
} finally {
  broker.kill('SIGTERM')
}
