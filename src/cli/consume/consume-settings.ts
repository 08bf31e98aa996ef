import type { Handler } from '../../core/consumer/index.ts'
import { UsageError } from '../../core/errors.ts'
import { checkGroupName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { WantedFeed } from '../feed/serve-feed.ts'
import { readFlag } from '../flag-types.ts'
import type { ListenAddress } from '../metrics/listen-address.ts'
import { type Positions, parsePositions } from '../position/position.ts'
import { checkTimeZone } from '../position/zoned-time.ts'
import type { FailPolicy } from './listener.ts'
import { type MessageFilter, messageFilter } from './message-filter.ts'
import type { OutputForm } from './message-output.ts'
import { checkStrategyFlags } from './strategy-flags.ts'
import type { SummaryForm } from './summary.ts'

/** The values of the flags of `mq consume topic`. */
export interface ConsumeFlagValues {
  readonly group: string | undefined
  readonly broadcast: boolean
  readonly instance: string | undefined
  readonly concurrency: number | undefined
  readonly orderly: boolean
  readonly batch: number | undefined
  readonly exec: string | undefined
  readonly handler: string | undefined
  readonly trace: boolean
  readonly 'trace-topic': string | undefined
  readonly 'on-fail': FailPolicy | undefined
  readonly 'max-reconsume': number | undefined
  readonly 'delay-level': number | undefined
  readonly 'consume-timeout': number | undefined
  readonly sleep: number | undefined
  readonly 'fail-rate': number | undefined
  readonly strategy: string | undefined
  readonly rooms: readonly string[] | undefined
  readonly room: string | undefined
  readonly handover: number | undefined
  readonly from: string | undefined
  readonly until: string | undefined
  readonly tz: string | undefined
  readonly 'max-messages': number | undefined
  readonly 'until-caught-up': boolean
  readonly idle: number | undefined
  readonly for: number | undefined
  readonly tail: number | undefined
  readonly queue: readonly string[] | undefined
  readonly tags: string | undefined
  readonly sql: string | undefined
  readonly key: readonly string[] | undefined
  readonly prop: readonly string[] | undefined
  readonly grep: string | undefined
  readonly output: OutputForm | undefined
  readonly format: string | undefined
  readonly summary: SummaryForm
  readonly 'pull-batch': number | undefined
  readonly 'pull-threshold': number | undefined
  readonly 'pull-threshold-size': number | undefined
  readonly 'max-span': number | undefined
  readonly 'pull-interval': number | undefined
  readonly dashboard: boolean
  readonly feed: WantedFeed | undefined
  readonly 'metrics-port': ListenAddress | undefined
  readonly json: boolean
}

/** What a consume command is asked to do, with or without a group. */
export interface ConsumeSettings {
  readonly topic: string
  readonly from: Positions | undefined
  readonly until: Positions | undefined
  readonly filter: MessageFilter | undefined
  readonly form: OutputForm
  /** What `--handler` names, loaded. */
  readonly handler?: Handler
  readonly flags: ConsumeFlagValues
}

const GROUP_ONLY = [
  'concurrency',
  'batch',
  'exec',
  'handler',
  'trace-topic',
  'on-fail',
  'max-reconsume',
  'delay-level',
  'consume-timeout',
  'sleep',
  'fail-rate',
  'strategy',
  'rooms',
  'room',
  'handover',
  'pull-threshold',
  'pull-threshold-size',
  'max-span',
  'pull-interval',
  'feed',
  'metrics-port',
] as const

/** Reads what the flags say before anything is connected. Throws UsageError for what cannot be read or does not go together. */
export function consumeSettings(
  topic: string,
  flags: ConsumeFlagValues,
  context: Pick<CommandContext, 'clock' | 'terminal'>,
): ConsumeSettings {
  const { group, from, until, tz } = flags
  if (group === undefined) checkBrowseFlags(flags)
  else checkGroupFlags(group, flags)
  if (tz !== undefined) readFlag('tz', tz, checkTimeZone)
  const options = { now: context.clock.now(), timeZone: tz }
  const positions = (flag: string, text: string | undefined): Positions | undefined =>
    text === undefined ? undefined : readFlag(flag, text, (value) => parsePositions(value, options))
  return {
    topic,
    from: positions('from', from),
    until: positions('until', until),
    filter: messageFilter({ keys: flags.key ?? [], properties: flags.prop ?? [], grep: flags.grep }),
    form: outputForm(flags, context.terminal.stdout),
    flags,
  }
}

/** The settings with the handler that they name, if any; its errors are those of {@link loadHandler}. */
export async function withHandler(settings: ConsumeSettings): Promise<ConsumeSettings> {
  const { handler } = settings.flags
  if (handler === undefined) return settings
  const { loadHandler } = await import('./handler-module.ts')
  return { ...settings, handler: await loadHandler(handler) }
}

function checkBrowseFlags(flags: ConsumeFlagValues): void {
  const switches = (['orderly', 'trace', 'broadcast', 'dashboard'] as const).filter((name) => flags[name])
  const [needless] = [...GROUP_ONLY.filter((name) => flags[name] !== undefined), ...switches]
  if (needless !== undefined) {
    throw new UsageError(`--${needless} is for a member of a group`, { suggestions: ['add -g GROUP'] })
  }
  if (flags.tail !== undefined && flags.from !== undefined) {
    throw new UsageError('--tail and --from both say where to begin; give one')
  }
}

function checkGroupFlags(group: string, flags: ConsumeFlagValues): void {
  checkGroupName(group)
  if (flags.tail !== undefined) {
    throw new UsageError('--tail is for browsing: a member of a group gets its share of the queues', {
      suggestions: ['leave out -g'],
    })
  }
  checkStrategyFlags(flags)
  checkFailFlags(flags)
  if (flags.broadcast) checkBroadcastFlags(flags)
  const { exec, handler, output = 'none', format } = flags
  if (flags.dashboard && (output !== 'none' || format !== undefined || flags.json)) {
    throw new UsageError('with --dashboard messages are not printed: leave out -o and -f')
  }
  const own = exec === undefined ? handler && '--handler the module' : '--exec the command'
  if (own !== undefined && (output !== 'none' || format !== undefined || flags.json)) {
    throw new UsageError(`with ${own} prints, not mq: leave out -o and -f`)
  }
}

/** A failed message of an orderly queue cannot come later: the queue waits for it. */
function checkFailFlags(flags: ConsumeFlagValues): void {
  const { orderly, 'on-fail': onFail } = flags
  if (orderly && onFail === 'retry') {
    throw new UsageError('--on-fail retry lets other messages of the queue pass, and --orderly does not', {
      suggestions: ['--on-fail suspend holds the queue up until the message is consumed'],
    })
  }
  if (orderly && flags['delay-level'] !== undefined) {
    throw new UsageError('--delay-level is for retries, which --orderly has none of: a queue that fails rests for 1 s')
  }
  if (!orderly && onFail === 'suspend') {
    throw new UsageError('--on-fail suspend holds up a queue, which only --orderly does', {
      suggestions: ['--on-fail retry lets the message come again later'],
    })
  }
}

/** There is no retry topic and no DLQ: a message that fails is passed over, or ends the command. */
function checkBroadcastFlags({ instance, ...flags }: ConsumeFlagValues): void {
  const onFail = flags['on-fail']
  if (onFail === 'retry' || onFail === 'dlq') {
    throw new UsageError(`--on-fail ${onFail} does not go with --broadcast: nothing is sent back when broadcasting`, {
      suggestions: ['--on-fail skip (the default then) or --on-fail stop'],
    })
  }
  for (const name of ['max-reconsume', 'delay-level'] as const) {
    if (flags[name] !== undefined) {
      throw new UsageError(`--${name} is about retries, and broadcasting knows none`)
    }
  }
  for (const name of ['strategy', 'handover'] as const) {
    if (flags[name] !== undefined) {
      throw new UsageError(`--${name} is about sharing queues, and with --broadcast every member has all of them`)
    }
  }
  if (instance !== undefined && !/^[\w.-]{1,100}$/.test(instance)) {
    throw new UsageError(`--instance '${instance}' is not a name: letters, digits, '.', '_' and '-' are`)
  }
}

function outputForm(flags: ConsumeFlagValues, terminal: boolean): OutputForm {
  if (flags.exec !== undefined || flags.handler !== undefined || flags.dashboard) return 'none'
  if (flags.json) return 'json'
  return flags.output ?? (terminal ? 'line' : 'jsonl')
}
