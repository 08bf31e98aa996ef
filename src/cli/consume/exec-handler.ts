import { type ChildProcess, spawn } from 'node:child_process'
import { HandlerError } from '../../core/errors.ts'
import type { MessageExt, MessageQueue } from '../../core/protocol/index.ts'
import type { Clock } from '../../core/support/index.ts'
import { formatDuration } from '../duration.ts'
import { messageJson } from '../message-json.ts'

/** How processes are run. */
export interface ExecHandlerOptions {
  readonly command: string
  readonly group: string
  /** Longer than this and a process is killed, in ms. */
  readonly timeoutMs: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** A topic as the user calls it. */
  readonly userName: (topic: string) => string
  /** Standard input carries a JSON line for each message instead of the body of the only one. */
  readonly jsonLines: boolean
}

/** Secrets are for this process only. */
const SECRETS: ReadonlySet<string> = new Set(['MQ_SECRET_KEY', 'MQ_SECURITY_TOKEN'])
/** From the end of its time to the end of its life, for a process that does not listen. */
const KILL_AFTER_MS = 5000

/**
 * Hands messages to a shell command, a process for each call: the body on standard input, what else is known in
 * `MQ_*` variables; what it writes passes through. Exit code 0 is success.
 */
export class ExecHandler {
  readonly #options: ExecHandlerOptions
  readonly #running = new Set<ChildProcess>()

  constructor(options: ExecHandlerOptions) {
    this.#options = options
  }

  /** Resolves when the process has ended with 0; the signal ends it. Rejects with HandlerError saying how else it ended. */
  async handle(messages: readonly MessageExt[], queue: MessageQueue, signal?: AbortSignal): Promise<void> {
    const { clock, timeoutMs } = this.#options
    const child = this.#start(messages, queue)
    const onAbort = (): void => {
      kill(child, 'SIGTERM')
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const time = { isOver: false }
    const end = clock.after(timeoutMs, () => {
      time.isOver = true
      kill(child, 'SIGTERM')
    })
    const last = clock.after(timeoutMs + KILL_AFTER_MS, () => {
      kill(child, 'SIGKILL')
    })
    try {
      const { code, signal } = await ended(child)
      if (time.isOver)
        throw new HandlerError(`the command was not done within ${formatDuration(timeoutMs)} and was killed`)
      if (signal !== null) throw new HandlerError(`the command was ended by ${signal}`)
      if (code !== 0) throw new HandlerError(`the command ended with ${code ?? 'no exit code'}`)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      end.cancel()
      last.cancel()
      this.#running.delete(child)
    }
  }

  /** Ends what runs, without waiting for it. */
  kill(): void {
    for (const child of this.#running) kill(child, 'SIGTERM')
  }

  #start(messages: readonly MessageExt[], queue: MessageQueue): ChildProcess {
    const { command } = this.#options
    const input = this.#input(messages)
    const child = spawn(command, {
      shell: true,
      // A group of its own: ^C in the terminal ends this command in order, and with it what runs; a kill reaches all of it.
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'inherit', 'inherit'],
      env: this.#environment(messages, queue),
    })
    this.#running.add(child)
    // A command that does not read its input closes it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    return child
  }

  #input(messages: readonly MessageExt[]): Buffer | string {
    const { jsonLines, userName } = this.#options
    if (!jsonLines) return messages[0]?.body ?? ''
    return messages.map((message) => `${JSON.stringify(messageJson(message, userName(message.topic)))}\n`).join('')
  }

  #environment(messages: readonly MessageExt[], queue: MessageQueue): NodeJS.ProcessEnv {
    const { env, group, userName } = this.#options
    const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.has(name)))
    const [message] = messages
    if (message === undefined) return inherited
    return {
      ...inherited,
      MQ_TOPIC: userName(message.topic),
      MQ_GROUP: group,
      MQ_BROKER: queue.brokerName,
      MQ_QUEUE: String(queue.queueId),
      MQ_OFFSET: String(message.queueOffset),
      MQ_MSG_ID: withoutNul(message.msgId),
      MQ_OFFSET_MSG_ID: message.offsetMsgId,
      MQ_KEYS: withoutNul(message.keys.join(' ')),
      MQ_TAGS: withoutNul(message.tags ?? ''),
      MQ_RECONSUME_TIMES: String(message.reconsumeTimes),
      MQ_BORN_TIME: new Date(message.bornTimestamp).toISOString(),
      MQ_STORE_TIME: new Date(message.storeTimestamp).toISOString(),
      MQ_BATCH_SIZE: String(messages.length),
    }
  }
}

/** No environment can carry one. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '')
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new HandlerError(`the command could not be started: ${cause.message}`, { cause }))
    })
    child.once('close', (code, signal) => {
      resolve({ code, signal })
    })
  })
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  if (process.platform === 'win32') {
    child.kill(signal)
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // It has ended in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
