import { Flags } from '@oclif/core'
import { UsageError } from '../../core/errors.ts'
import { strategyWords } from '../allocation-strategy.ts'
import { parseDuration } from '../duration.ts'
import { durationFlag, integerFlag, readFlag } from '../flag-types.ts'
import { failPolicies } from './listener.ts'
import { formatLetters } from './message-format.ts'
import { outputForms } from './message-output.ts'
import { summaryForms } from './summary.ts'
import { watchFlags } from './watch-flags.ts'

const MAX_HANDOVER_MS = 60_000

const many = { multiple: true, multipleNonGreedy: true } as const

const groupFlags = {
  group: Flags.string({
    char: 'g',
    helpGroup: 'GROUP',
    summary: 'consume as a member of this group; without it the topic is only browsed, and nothing is left behind',
  }),
  broadcast: Flags.boolean({
    helpGroup: 'GROUP',
    summary: 'every member gets every message; offsets are kept in a file of this host',
  }),
  instance: Flags.string({
    helpGroup: 'GROUP',
    helpValue: 'NAME',
    dependsOn: ['broadcast'],
    summary: 'with --broadcast: tells members on this host apart, each with its own offsets (DEFAULT)',
  }),
  concurrency: integerFlag({ min: 1, max: 1000 })({
    helpGroup: 'GROUP',
    summary: 'listener calls in flight at once (20)',
  }),
  orderly: Flags.boolean({
    helpGroup: 'GROUP',
    summary: "each queue's messages in order, one call at a time, under the broker's lock of the queue",
  }),
  batch: integerFlag({ min: 1, max: 1024 })({ helpGroup: 'GROUP', summary: 'messages per listener call (1)' }),
  exec: Flags.string({
    helpGroup: 'GROUP',
    helpValue: 'CMD',
    summary: 'hand each call to a shell command: body on stdin, MQ_* variables; exit 0 is success',
  }),
  handler: Flags.string({
    helpGroup: 'GROUP',
    helpValue: 'FILE',
    exclusive: ['exec'],
    summary: 'hand each call to the default export of this module: a function of the messages and a context',
  }),
  'on-fail': Flags.option({ options: failPolicies })({
    helpGroup: 'GROUP',
    summary:
      'what a failed call does: come again later (retry), in order hold up its queue (suspend), dead letter, count as consumed, end the command',
  }),
  'max-reconsume': integerFlag({ min: 0, max: 2_147_483_647 })({
    helpGroup: 'GROUP',
    summary: 'times a message comes again before it is a dead letter (16; --orderly: no limit)',
  }),
  'delay-level': integerFlag({ min: 0, max: 18 })({
    helpGroup: 'GROUP',
    summary: 'delay level of retries (0: longer each time)',
  }),
  'consume-timeout': durationFlag({
    helpGroup: 'GROUP',
    helpValue: '15m',
    summary: 'a call that takes longer has failed (15m; printing may take any time)',
  }),
  sleep: durationFlag({
    helpGroup: 'GROUP',
    helpValue: '100ms',
    summary: 'play a slow consumer: each call takes so long',
  }),
  'fail-rate': Flags.custom<number>({
    parse: (text, _context, { name }) => Promise.resolve(readFlag(name, text, parseRate)),
  })({ helpGroup: 'GROUP', helpValue: '0.1', summary: 'play a failing consumer: this share of the calls fails' }),
  strategy: Flags.string({
    helpGroup: 'GROUP',
    helpValue: 'NAME|FILE',
    summary: 'how queues are shared (average); every member must use the same',
    description: `NAME is ${strategyWords.join(', ')}. FILE is a module
whose default export is a strategy {name, allocate({group, clientId, queues, clientIds})}, or that function.`,
  }),
  rooms: Flags.string({
    ...many,
    delimiter: ',',
    helpGroup: 'GROUP',
    helpValue: 'a,b',
    summary: '--strategy machine-room: consume brokers in these rooms only, named room@broker',
  }),
  room: Flags.string({
    helpGroup: 'GROUP',
    helpValue: 'a',
    summary:
      "--strategy machine-room-nearby: where this member is; brokers are named room@broker, Java's members by unitName",
  }),
  handover: Flags.custom<number>({
    parse: (text, _context, { name }) => Promise.resolve(readFlag(name, text, parseHandover)),
  })({
    helpGroup: 'GROUP',
    helpValue: '500ms',
    summary: 'how long to leave a queue to a live member that had it, which stores its offset meanwhile; 0: not at all',
  }),
  trace: Flags.boolean({
    helpGroup: 'GROUP',
    summary: 'write what is consumed to the trace topic, for mqadmin queryMsgTraceById',
  }),
  'trace-topic': Flags.string({
    helpGroup: 'GROUP',
    helpValue: 'TOPIC',
    summary: 'trace to this topic (RMQ_SYS_TRACE_TOPIC)',
  }),
} as const

const rangeFlags = {
  from: Flags.string({
    helpGroup: 'RANGE',
    helpValue: 'POS',
    summary: 'where to begin (last); with a group only in queues where it has not committed yet',
    description: `POS is first, last, =1200 (offset), a time (2026-11-20T10:00:00+08:00, '2026-11-20 10:00', 1732070400), '2h ago' or -2h,
@other-group, or one for each queue: broker-a:0=1200,broker-a:1=first.`,
  }),
  until: Flags.string({ helpGroup: 'RANGE', helpValue: 'POS', summary: 'where to stop; that offset is not read' }),
  tz: Flags.string({ helpGroup: 'RANGE', helpValue: 'ZONE', summary: 'time zone of times that name none (local)' }),
  'max-messages': integerFlag({ min: 1 })({ char: 'm', helpGroup: 'RANGE', summary: 'stop after so many messages' }),
  'until-caught-up': Flags.boolean({ helpGroup: 'RANGE', summary: 'stop when what was there at the start is read' }),
  idle: durationFlag({ helpGroup: 'RANGE', helpValue: '5s', summary: 'stop when nothing has come for so long' }),
  for: durationFlag({ helpGroup: 'RANGE', helpValue: '1m', summary: 'stop after so long' }),
  tail: integerFlag({ min: 0 })({
    helpGroup: 'RANGE',
    summary: 'browse: begin with the last N messages of each queue',
  }),
  queue: Flags.string({
    ...many,
    delimiter: ',',
    helpGroup: 'RANGE',
    helpValue: 'b:0,b:1',
    summary: 'browse: only these queues; --strategy config: the queues of this member',
  }),
} as const

const filterFlags = {
  tags: Flags.string({ helpGroup: 'FILTER', helpValue: "'A || B'", summary: 'tags, filtered by the broker' }),
  sql: Flags.string({
    helpGroup: 'FILTER',
    helpValue: "'a > 5'",
    exclusive: ['tags'],
    summary: 'an SQL92 condition on the properties, evaluated by the broker (enablePropertyFilter=true)',
  }),
  key: Flags.string({ ...many, helpGroup: 'FILTER', helpValue: 'GLOB', summary: 'has one of these keys' }),
  prop: Flags.string({ ...many, helpGroup: 'FILTER', helpValue: 'k=GLOB', summary: 'has all of these properties' }),
  grep: Flags.string({ helpGroup: 'FILTER', helpValue: 'RE', summary: 'body matches this regular expression' }),
} as const

const outputFlags = {
  output: Flags.option({ char: 'o', options: outputForms })({
    helpGroup: 'OUTPUT',
    summary: 'how messages are shown (line on a terminal, jsonl in a pipe); none only counts them',
  }),
  format: Flags.string({
    char: 'f',
    helpGroup: 'OUTPUT',
    helpValue: String.raw`'%k %s\n'`,
    exclusive: ['output'],
    summary: 'show messages so; nothing is added',
    description: `${formatLetters.map(([letter, meaning]) => `${letter} ${meaning}`).join(', ')}; \\n \\t \\xHH as usual.`,
  }),
  summary: Flags.option({ options: summaryForms, default: 'text' })({
    helpGroup: 'OUTPUT',
    summary: 'how the end is told on stderr',
  }),
} as const

const flowFlags = {
  'pull-batch': integerFlag({ min: 1, max: 1024 })({ helpGroup: 'FLOW CONTROL', summary: 'messages per pull (32)' }),
  'pull-threshold': integerFlag({ min: 1, max: 65_535 })({
    helpGroup: 'FLOW CONTROL',
    summary: 'unfinished messages of a queue at which pulling waits (1000)',
  }),
  'pull-threshold-size': integerFlag({ min: 1, max: 1024 })({
    helpGroup: 'FLOW CONTROL',
    summary: 'MiB of unfinished messages of a queue at which pulling waits (100)',
  }),
  'max-span': integerFlag({ min: 1, max: 65_535 })({
    helpGroup: 'FLOW CONTROL',
    summary: 'distance of the lowest and highest unfinished offset at which pulling waits (2000)',
  }),
  'pull-interval': Flags.custom<number>({
    parse: (text, _context, { name }) => Promise.resolve(readFlag(name, text, parseInterval)),
  })({ helpGroup: 'FLOW CONTROL', helpValue: 'MS', summary: 'pause between two pulls of a queue (0)' }),
} as const

/** The flags of `mq consume topic`, those of the connection apart. */
export const consumeFlags = {
  ...groupFlags,
  ...rangeFlags,
  ...filterFlags,
  ...outputFlags,
  ...flowFlags,
  ...watchFlags,
} as const

function parseRate(text: string): number {
  const rate = /^(?:0|1|0?\.\d+|[01]\.\d+)$/.test(text) ? Number(text) : Number.NaN
  if (rate >= 0 && rate <= 1) return rate
  throw new UsageError(`'${text}' is not a share; it must be between 0 and 1`)
}

function parseHandover(text: string): number {
  const millis = parseDuration(text)
  if (millis <= MAX_HANDOVER_MS) return millis
  throw new UsageError(`'${text}' is too long; it must be at most 1m`)
}

/** RocketMQ's number of milliseconds, or a duration. */
function parseInterval(text: string): number {
  const millis = /^\d{1,5}$/.test(text) ? Number(text) : parseDuration(text)
  if (millis <= 65_535) return millis
  throw new UsageError(`'${text}' is too long; it must be at most 65535 ms`)
}
