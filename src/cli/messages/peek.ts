import { consumeFlags } from '../consume/consume-flags.ts'
import type { ConsumeFlagValues } from '../consume/consume-settings.ts'

const { from, tz, tail, queue, tags, sql, key, prop, grep, output, format, summary } = consumeFlags

/** The flags of `mq messages peek` that are those of browsing. */
export const peekFlags = { from, tz, tail, queue, tags, sql, key, prop, grep, output, format, summary } as const

/** What the flags of `mq messages peek` say. */
export type PeekFlagValues = Pick<ConsumeFlagValues, keyof typeof peekFlags | 'json' | 'max-messages'>

/** A bounded look as browsing without a group knows it: what is there now, from the beginning unless told otherwise. */
export function peekAsBrowse(flags: PeekFlagValues): ConsumeFlagValues {
  return {
    ...notAMember,
    ...flags,
    from: flags.from ?? (flags.tail === undefined ? 'first' : undefined),
    until: undefined,
    'until-caught-up': true,
    idle: undefined,
    for: undefined,
    'pull-batch': Math.min(flags['max-messages'] ?? PULL_BATCH, PULL_BATCH),
  }
}

/** RocketMQ's own number of messages a pull. */
const PULL_BATCH = 32

const notAMember = {
  group: undefined,
  broadcast: false,
  instance: undefined,
  concurrency: undefined,
  orderly: false,
  batch: undefined,
  exec: undefined,
  handler: undefined,
  trace: false,
  'trace-topic': undefined,
  'on-fail': undefined,
  'max-reconsume': undefined,
  'delay-level': undefined,
  'consume-timeout': undefined,
  sleep: undefined,
  'fail-rate': undefined,
  strategy: undefined,
  rooms: undefined,
  room: undefined,
  handover: undefined,
  'pull-threshold': undefined,
  'pull-threshold-size': undefined,
  'max-span': undefined,
  'pull-interval': undefined,
  dashboard: false,
  feed: undefined,
  'metrics-port': undefined,
} as const
