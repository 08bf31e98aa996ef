import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A program that drains a topic and says so with one line of JSON: `{"messages", …}`. */
export interface Contestant {
  readonly name: string
  readonly command: (run: {
    readonly topic: string
    readonly group: string
    readonly count: number
  }) => readonly string[]
  /** Told when it was started, to do something beside it. */
  readonly started?: (child: ChildProcessWithoutNullStreams) => void
}

/** What one run cost, as the operating system accounts for the whole process. */
export interface Cost {
  readonly name: string
  /** From the start of its consumer to the last message. */
  readonly seconds: number
  readonly messagesPerSecond: number
  readonly cpuMicrosPerMessage: number
  readonly peakMegabytes: number
}

const TICKS_PER_SECOND = 100
const SAMPLE_MS = 10

/** Runs a contestant to its line of JSON, then lets it end. */
export async function measure(
  contestant: Contestant,
  run: { topic: string; group: string; count: number },
): Promise<Cost> {
  const [program, ...args] = contestant.command(run)
  if (program === undefined) throw new Error(`${contestant.name} has no command`)
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, MQ_NAMESRV: undefined },
  })
  contestant.started?.(child)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let usage = { cpuSeconds: 0, peakMegabytes: 0 }
  const sample = (): void => {
    usage = readUsage(child.pid ?? 0) ?? usage
  }
  const sampling = setInterval(sample, SAMPLE_MS)
  const line = await resultLine(contestant.name, child, run.count)
  sample()
  clearInterval(sampling)
  child.stdin.end()
  await ended
  const seconds = line.millis / 1000
  return {
    name: contestant.name,
    seconds,
    messagesPerSecond: run.count / seconds,
    cpuMicrosPerMessage: (usage.cpuSeconds * 1e6) / run.count,
    peakMegabytes: usage.peakMegabytes,
  }
}

/** The line may come on either stream; the rest of what a program says is kept for an error. */
function resultLine(
  name: string,
  child: ReturnType<typeof spawn>,
  count: number,
): Promise<{ readonly messages: number; readonly millis: number }> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer): void => {
      said += chunk.toString()
      for (const line of said.split(/\r?\n/)) {
        if (!line.startsWith('{') || !line.endsWith('}')) continue
        const result = JSON.parse(line) as { messages: number; millis?: number; seconds?: number }
        if (result.messages !== count) reject(new Error(`${name} consumed ${result.messages} of ${count}`))
        else resolve({ messages: result.messages, millis: result.millis ?? (result.seconds ?? 0) * 1000 })
      }
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', (code) => {
      reject(new Error(`${name} ended with ${code ?? 'a signal'} and no result:\n${said.slice(-2000)}`))
    })
  })
}

/** User and system time of all threads, and the peak of resident memory; `undefined` when the process is gone. */
function readUsage(pid: number): { cpuSeconds: number; peakMegabytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    if (peak === undefined) return undefined
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      peakMegabytes: Number(peak) / 1024,
    }
  } catch {
    return undefined
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
