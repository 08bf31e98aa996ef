import type { Readable } from 'node:stream'
import { NotFoundError, RocketMQError } from '../../core/errors.ts'
import { openTrace, Producer, type TraceOption } from '../../core/producer/index.ts'
import { abortReason } from '../../core/support/index.ts'
import type { CommandContext } from '../command-context.ts'
import { confirmByName } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { refuseReadOnly } from '../contexts/write-guard.ts'
import { ExitCode, reportError } from '../error-report.ts'
import { showProgress } from '../progress.ts'
import { messageSource, readsInput, type SourceFlagValues } from './choose-source.ts'
import { type ProduceFormat, Results } from './results.ts'
import { sendTrace } from './send-trace.ts'
import { Sender, type SendPlan } from './sender.ts'
import type { InputNotes } from './source.ts'
import { progressText, type SummaryParts, summaryText } from './summary.ts'
import { Tally } from './tally.ts'
import { checkTarget } from './target.ts'
import type { MessageTemplate } from './template.ts'

/** Time for one message with all its attempts, in ms, when the command as a whole has no limit. */
const SEND_TIMEOUT_MS = 3000
const GROUP = 'MQ_PRODUCER'

/** What to send and how. */
export interface ProduceRequest extends Pick<SendPlan, 'batch' | 'rate' | 'oneway'> {
  readonly template: MessageTemplate
  readonly source: SourceFlagValues
  readonly format: ProduceFormat
  /** Whether what is sent is told to a trace topic. */
  readonly trace: TraceOption
  /** The topic once more, where the context is protected. */
  readonly confirm: string | undefined
}

/** What it works with. */
export interface ProduceParts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly input: Readable
}

/**
 * Sends all messages and tells on stderr what became of them. Resolves to the exit code: 6 when some were not sent.
 * Rejects, after the same summary, when it was interrupted, when the input cannot be read, and when the topic does not
 * exist; what was in flight is answered by then.
 */
export async function produce(request: ProduceRequest, parts: ProduceParts): Promise<number> {
  const { context, connection } = parts
  await checkGuard(request, parts)
  await checkTarget(request.template.topic, context, connection)
  const results = new Results(request.format)
  const { failure, lastTaken, lost, summary } = await sendAll({ ...request, results }, parts)
  if (failure === undefined || lost || summary.tally.sent > 0) context.say(summaryText(summary))
  if (failure !== undefined && lastTaken !== undefined && readsInput(request.source)) {
    context.say(`ended after ${lastTaken} of the input: what follows was not sent`)
  }
  if (failure !== undefined && !lost) throw failure
  await results.end(summary, context)
  if (results.failure) throw results.failure
  return exitCode(summary.tally, context)
}

/** Rejects with RefusedError where the context is read-only, or protected and nobody says the topic's name. */
async function checkGuard(request: ProduceRequest, parts: ProduceParts): Promise<void> {
  const guard = await parts.connection.guard()
  refuseReadOnly(guard, 'sending changes the cluster')
  if (!guard.protected) return
  // An answer would be read from the messages.
  const terminal = { ...parts.context.terminal, stdin: parts.context.terminal.stdin && !readsInput(request.source) }
  await confirmByName(request.template.topic, request.confirm, { guard, context: { ...parts.context, terminal } })
}

interface Outcome {
  readonly summary: SummaryParts
  /** Why it ended before everything was sent. */
  readonly failure: Error | undefined
  /**
   * Whether it ended because the brokers take nothing any more: the messages not sent have then been told one by one.
   */
  readonly lost: boolean
  /** Where the last message stands that was sent or is counted as not sent. */
  readonly lastTaken: string | undefined
}

async function sendAll(
  request: ProduceRequest & { readonly results: Results },
  { context, connection, input }: ProduceParts,
): Promise<Outcome> {
  const { clock, deadline } = context
  const { client } = connection
  const { template, results } = request
  client.start()
  const sendTimeoutMs = Math.min(SEND_TIMEOUT_MS, deadline.remainingMs() ?? SEND_TIMEOUT_MS)
  await using producer = new Producer(client, { group: GROUP, sendTimeoutMs })
  const trace = openTrace(client, request.trace, { group: GROUP, role: 'PRODUCE' })
  const traced = trace && sendTrace(trace, { group: GROUP, clock })
  const notes: InputNotes = { emptyLines: 0 }
  const tally = new Tally((line) => {
    context.say(line)
  })
  const sender = new Sender({
    producer,
    caughtUp: () => client.heartbeat(),
    clock,
    plan: sendPlan(request),
    tally,
    onSent: (result, sent) => {
      traced?.(result, sent)
      return results.add(result)
    },
    signal: context.signal,
  })
  const started = clock.monotonic()
  const elapsed = (): number => clock.monotonic() - started
  const endProgress = showProgress(context, () => progressText({ tally, elapsedMs: elapsed() }))
  const signal = AbortSignal.any([context.signal, sender.stopped])
  let failure: Error | undefined
  try {
    await sender.run(messageSource(request.source, { template, input, signal, notes }))
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
  } finally {
    endProgress()
    await trace?.close()
  }
  const summary = { topic: template.topic, tally, notes, elapsedMs: elapsed(), oneway: request.oneway }
  const reason: unknown = sender.stopped.reason
  const lost = reason instanceof RocketMQError && !(reason instanceof NotFoundError)
  return { summary, lastTaken: sender.lastTaken, lost, failure: signal.aborted ? abortReason(signal) : failure }
}

function sendPlan({ batch, rate, oneway, template: { selector } }: ProduceRequest): SendPlan {
  return { batch, rate, oneway, options: selector === undefined ? {} : { selector }, oneQueue: selector !== undefined }
}

function exitCode(tally: Tally, context: CommandContext): number {
  const [first] = tally.failures
  if (first === undefined) return ExitCode.DONE
  if (tally.sent > 0) return ExitCode.PARTIAL
  const report = reportError(first.error)
  for (const suggestion of report.suggestions) context.say(`  ${suggestion}`)
  return report.exit
}
